#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# module-install.sh add|remove VERSION ALIASES: hand the module's source to dkms and say
# what it means for this machine. ALIASES is the modprobe.d file: without a module it
# would leave the machine without any iptables, and is taken away again.
# With DESTDIR set (packaging) nothing is run.
set -eu
version=$2
aliases=$3
[ -z "${DESTDIR-}" ] || exit 0

if [ "$1" = remove ]; then
	if command -v systemctl >/dev/null && systemctl is-system-running >/dev/null 2>&1; then
		systemctl disable --now xtbpfd || true
	fi
	if command -v dkms >/dev/null; then
		dkms remove "xtbpf/$version" --all || true
	fi
	echo "xtbpf is removed. The rules in force stay until the next boot; ip_tables can be loaded after rmmod xtbpf."
	exit 0
fi

if command -v dkms >/dev/null; then
	dkms install "xtbpf/$version" || true
fi
if ! modinfo xtbpf >/dev/null 2>&1; then
	rm -f "$aliases"
	cat <<END

There is no module for $(uname -r) (dkms and the kernel's headers build it, or
make -C kmod modules), so $aliases was not installed.
Single commands are served without it: xtbpf run -- iptables-legacy ...
END
	exit 0
fi

cat <<'END'

From the next "modprobe ip_tables" on (or the next boot) every iptables-legacy call of
this machine is answered by xtbpf:
    systemctl enable --now xtbpfd
Before it runs the machine is open, as it is before iptables-restore; "options xtbpf
closed=1" in modprobe.d/xtbpf.conf closes it until then.

xtbpf does not serve rules in the nat table yet: software that makes them finds
them refused ("Operation not supported"). Do not install it beside Docker, libvirt's
default network, Podman, LXD or Incus, kube-proxy or a CNI in iptables mode, firewalld with
its iptables backend, ufw or shorewall with masquerading, unless they use nf_tables.
END
for program in dockerd libvirtd virtqemud podman lxd incusd kube-proxy kubelet firewalld ufw shorewall; do
	if command -v "$program" >/dev/null; then
		echo "    found here: $program"
	fi
done
if grep -qs . /proc/net/ip_tables_names /proc/net/ip6_tables_names; then
	echo "The kernel's own ip_tables is in use here: its rules are not taken over; reboot, or save, flush, rmmod and restore."
fi
