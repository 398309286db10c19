# SPDX-License-Identifier: GPL-2.0-only
# Verdicts and counters over kinds of devices, as by the kernel's own ip_tables,
# recorded first in this guest. Where TC decides (before 6.4), what xtbpf status
# calls inexact is left out.

. /test/functions.sh
. /test/devices.sh
kinds=$(sed -n "s,.*xtbpf.kinds=\([^ ]*\).*,\1,p" /proc/cmdline | tr , " ")
kinds=${kinds:-veth vlan bond bridge macvlan ipip wireguard vrf}

kernel_on
for kind in $kinds; do
	device $kind >/tmp/kernel.$kind 2>&1
done
kernel_off
ours_on

for kind in $kinds; do
	device $kind >/tmp/ours.$kind 2>&1
	diff -U 0 /tmp/kernel.$kind /tmp/ours.$kind >/tmp/diff
	same=$?
	# TC on a slave of a VRF does not see what the VRF's own tables route
	[ "$kind" = vrf ] && kind="$kind$(links '' | sed 's/-S/ # TODO where TC decides, VRFs are not served/')"
	result $same "$kind" /tmp/diff
done
check "the kernel's answers are real" grep -q '^\[3:90\] -A OUTPUT -o xd -p udp' /tmp/kernel.veth

grep -v 'serving every' /tmp/xtbpfd.log | head -n 20 >/tmp/out
note "$(cat /tmp/out)"

ours_off
