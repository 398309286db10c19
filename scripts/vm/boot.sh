#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# boot.sh build/vm/VERSION/tests/NAME.sh: boot that kernel in qemu (software emulation),
# run tests/vm/NAME.sh in it, pass on its TAP from the second serial port. The
# console goes to build/vm/VERSION/NAME.console. XTBPF_VM_APPEND: more for its kernel
# command line (xtbpf.trace, xtbpf.long, xtbpf.kinds=veth,vlan); XTBPF_VM_CEILING: seconds.
set -eu
test=$(basename "$1" .sh)
top=$(cd "$(dirname "$1")/.." && pwd)
console=$top/$test.console
ceiling=${XTBPF_VM_CEILING:-480}

nice -n 10 timeout "$ceiling" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -machine q35 -smp 2 \
	-m 1536 -nodefaults -no-user-config -display none -no-reboot \
	-serial "file:$console" -serial stdio -kernel "$top/vmlinux" -initrd "$top/initrd.cpio" \
	-append "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable nokaslr audit=0 \
apparmor=0 random.trust_cpu=on nowatchdog test=$test ${XTBPF_VM_APPEND-}" </dev/null >"$top/$test.tap" || true
cat "$top/$test.tap"
if ! grep -q '^1\.\.' "$top/$test.tap"; then
	echo "Bail out! $test: the guest did not finish in $ceiling s; see $console"
	tail -n 20 "$console" | sed 's/^/# /' >&2
	exit 1
fi
! grep '^not ok' "$top/$test.tap" | grep -qv '# TODO'
