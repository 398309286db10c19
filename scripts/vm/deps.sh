#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the virtual machine tests need beside scripts/deps.sh; installed when root.
set -eu
want="qemu-system-x86 sparse cpio kmod busybox-static strace xz-utils zstd lz4 wireguard-tools"
miss=
for p in $want; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || miss="$miss $p"
done
[ -z "$miss" ] && exit 0
if [ "$(id -u)" != 0 ]; then
	echo "test-vm: needs root to install:$miss" >&2
	exit 3
fi
echo "installing:$miss"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $miss >/dev/null
