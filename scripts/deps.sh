#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Install from apt what is missing to build, run and test xtbpf (Debian 12).
set -eu
want="gcc make clang-14 llvm-14 pkg-config libc6-dev linux-libc-dev libbpf-dev libelf-dev
libjson-c-dev libsystemd-dev libcap-ng-dev libseccomp-dev libmnl-dev libxtables-dev libip4tc-dev
libip6tc-dev libcmocka-dev iptables iproute2 bpftool procps util-linux perl nftables clang-format-14"
miss=
for p in $want; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || miss="$miss $p"
done
[ -z "$miss" ] && exit 0
echo "installing:$miss"
if [ "$(id -u)" != 0 ]; then
	echo "deps: needs root to install:$miss" >&2
	exit 3
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $miss >/dev/null
