#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# fetch.sh 6.1|6.12: a Debian kernel and its headers, extracted (not installed)
# under build/vm/VERSION, ready to build modules against and to boot in qemu:
#   root/ ...               the packages' files, headers made relocatable
#   vmlinux                 uncompressed, for qemu's PVH boot
#   release                 uname -r
# Needs nothing but apt; does nothing when it is all there.
set -eu
cd "$(dirname "$0")/../.."
version=$1
top=$PWD/build/vm/$version
root=$top/root

case $version in
6.1) meta=linux-headers-cloud-amd64 ;;
6.12) meta=linux-headers-6.12-cloud-amd64 ;;
*)
	echo "usage: fetch.sh 6.1|6.12" >&2
	exit 2
	;;
esac

[ -e "$top/.fetched" ] && exit 0

depends() { # PACKAGE PATTERN: the first dependency that matches
	apt-cache depends "$1" | sed -n "s/^ *Depends: \($2\)\$/\1/p" | head -n 1
}

headers=$(depends "$meta" 'linux-headers-.*')
if [ -z "$headers" ]; then
	echo "fetch: apt does not offer $meta: is bookworm-security in the sources, apt-get update done?" >&2
	exit 3
fi
release=${headers#linux-headers-}
common=$(depends "$headers" 'linux-headers-.*-common')
kbuild=$(depends "$headers" 'linux-kbuild-.*')

rm -rf "$top"
mkdir -p "$top/debs" "$root"
(cd "$top/debs" && apt-get -qq download "linux-image-$release" "$headers" "$common" "$kbuild" 2>"$top/apt.log") || {
	cat "$top/apt.log" >&2
	echo "fetch: cannot download the $version kernel: try apt-get update" >&2
	exit 3
}
for deb in "$top"/debs/*.deb; do
	dpkg-deb -x "$deb" "$root"
done
rm -rf "$top/debs"

# The headers refer to themselves by absolute paths of an installed system.
sed -i "s#\([ =]\)/usr/src/#\1$root/usr/src/#g" "$root/usr/src/$headers/Makefile"
ln -sfn "$root/usr/src/$headers" "$root/lib/modules/$release/build"
ln -sfn "$root/usr/src/$common" "$root/lib/modules/$release/source"
find "$root/lib/modules/$release" -name '*.ko.xz' -print0 | xargs -0 -r -P 2 -n 64 xz -d
/sbin/depmod -b "$root" "$release"

# The compressed payload of a bzImage (Documentation/arch/x86/boot.rst:
# setup_sects at 0x1f1, payload_offset and payload_length at 0x248); its last 4
# bytes are the size and no part of the stream.
image=$root/boot/vmlinuz-$release
number() { od -An -v -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
sects=$(number 497 1)
offset=$(number 584 4)
length=$(number 588 4)
tail -c +$(((sects + 1) * 512 + offset + 1)) "$image" | head -c $((length - 4)) >"$top/payload"
case $(od -An -v -t x1 -N 4 "$top/payload" | tr -d ' ') in
fd377a58) unpack=xz ;;
28b52ffd) unpack=zstd ;;
02214c18) unpack=lz4 ;;
*) unpack=false ;;
esac
$unpack -dcq <"$top/payload" >"$top/vmlinux"
rm "$top/payload"
if [ "$(head -c 4 "$top/vmlinux" | od -An -v -t x1 | tr -d ' ')" != 7f454c46 ]; then
	echo "fetch: $image holds no ELF kernel" >&2
	exit 1
fi
echo "$release" >"$top/release"
touch "$top/.fetched"
