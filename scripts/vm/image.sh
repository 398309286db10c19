#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# image.sh 6.1|6.12: the guest's root file system, build/vm/VERSION/initrd.cpio (not
# compressed: inflating is slow under emulation), of this machine's unmodified
# iptables and tools, the kernel modules the tests need, xtbpf.ko, xtbpf, xtbpfd,
# and tests/vm. One prove entry a test: build/vm/VERSION/tests/NAME.sh.
set -eu
cd "$(dirname "$0")/../.."
version=$1
top=$PWD/build/vm/$version
release=$(cat "$top/release")
image=$top/image

modules="ip_tables iptable_filter iptable_nat iptable_mangle iptable_raw iptable_security ip6_tables
ip6table_filter ip6table_mangle ip6table_raw ip6table_security ip6table_nat xt_tcpudp xt_multiport xt_comment xt_conntrack
veth dummy bonding 8021q vrf wireguard ipip macvlan bridge cls_bpf sch_ingress act_bpf nf_defrag_ipv4 nf_defrag_ipv6"
programs="/bin/dash /usr/sbin/xtables-legacy-multi /sbin/ip /sbin/tc /sbin/bridge /usr/sbin/bpftool /bin/kmod
/usr/bin/strace /usr/bin/unshare /usr/bin/nsenter /usr/bin/setpriv /bin/ping /usr/bin/flock /usr/bin/wg"

rm -rf "$image" "$top/tests"
mkdir -p "$image/bin" "$image/usr/lib" "$image/usr/share" "$image/lib64" "$image/dev" "$image/proc" "$image/sys" \
	"$image/run" "$image/tmp" "$image/root" "$image/etc/modprobe.d" "$image/test" "$image/var" "$top/tests"
ln -s ../bin "$image/usr/bin"
ln -s ../bin "$image/usr/sbin"
ln -s bin "$image/sbin"
ln -s usr/lib "$image/lib"
ln -s ../run "$image/var/run"

libraries() { # FILE...: copy what they are linked with
	ldd "$@" 2>/dev/null | grep -o '/[^ :]*\.so[^ :]*\( \|$\)' | sort -u | while read -r lib; do
		[ -e "$image$lib" ] && continue
		mkdir -p "$image$(dirname "$lib")"
		cp -L "$lib" "$image$lib"
	done
}

busybox=$(command -v busybox)
cp "$busybox" "$image/bin/busybox"
for applet in $("$busybox" --list); do
	[ "$applet" = busybox ] || ln -s busybox "$image/bin/$applet"
done
for program in $programs build/bin/xtbpf build/bin/xtbpfd build/vm/guest/*; do
	[ -x "$program" ] || continue
	rm -f "$image/bin/${program##*/}"
	cp -L "$program" "$image/bin/"
	libraries "$program"
done
ln -sf dash "$image/bin/sh"
for name in iptables ip6tables; do
	ln -sf xtables-legacy-multi "$image/bin/$name"
	for tool in '' -save -restore; do
		ln -sf xtables-legacy-multi "$image/bin/$name-legacy$tool"
	done
done
for name in modprobe insmod rmmod lsmod modinfo depmod; do
	ln -sf kmod "$image/bin/$name"
done
lib=/usr/lib/$(gcc -print-multiarch)
mkdir -p "$image$lib"
cp -a "$lib/xtables" "$image$lib/"
libraries "$lib"/xtables/*.so
cp /etc/protocols /etc/services "$image/etc/" 2>/dev/null || true
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$image/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$image/etc/group"

for module in $modules; do
	/sbin/modprobe -d "$top/root" -S "$release" -C /dev/null --show-depends "$module" 2>/dev/null
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r file; do
	to=$image/lib/modules/$release/${file#*"/lib/modules/$release/"}
	mkdir -p "$(dirname "$to")"
	cp "$file" "$to"
done
cp "$top/root/lib/modules/$release"/modules.builtin* "$top/root/lib/modules/$release/modules.order" \
	"$image/lib/modules/$release/"
mkdir -p "$image/lib/modules/$release/updates"
strip -g -o "$image/lib/modules/$release/updates/xtbpf.ko" "$top/kmod/xtbpf.ko"
/sbin/depmod -b "$image" "$release"

cp tests/vm/init "$image/init"
cp tests/vm/*.sh kmod/modprobe.conf "$image/test/"
[ -d tests/vm/rules ] && cp -r tests/vm/rules "$image/test/"
chmod +x "$image/init"
(cd "$image" && find . -print0 | cpio --null -o -H newc --quiet -R 0:0) >"$top/initrd.cpio"
for script in tests/vm/[0-9]*.sh; do
	echo "# run in the guest by boot.sh" >"$top/tests/${script##*/}"
done
