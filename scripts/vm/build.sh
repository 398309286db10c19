#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build.sh: kernels, modules (warnings at W=1 and from sparse are errors), images of
# all guests. What is up to date is not made again.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/vm/guest
cc=${CC:-gcc}
$cc -O2 -Wall -Wextra -Wno-unused-parameter -static -D_GNU_SOURCE -Iinclude -o build/vm/guest/kmodtest tests/vm/kmodtest.c
for version in ${XTBPF_VM_KERNELS:-6.1 6.12}; do
	nice sh scripts/vm/fetch.sh "$version"
	log=build/vm/$version/module.log
	nice sh scripts/vm/module.sh "$version" W=1 C=1 >"$log" 2>&1 || {
		cat "$log" >&2
		exit 1
	}
	# the kernel's own headers have warnings of theirs, and no vmlinux to take BTF from
	if grep -E 'warning|error' "$log" | grep -v '/usr/src/linux-headers' >&2; then
		echo "build: xtbpf.ko: warnings on $version" >&2
		exit 1
	fi
	nice sh scripts/vm/image.sh "$version"
done
