# SPDX-License-Identifier: GPL-2.0-only
# TAP for guest tests, on the second serial port; sourced by init.
exec 3>/dev/ttyS1
count=0
release=$(uname -r)

result() { # STATUS DESCRIPTION [FILE with details]
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2" >&3
	else
		echo "not ok $count - $2" >&3
		[ -n "${3-}" ] && tail -n 40 "$3" | sed 's/^/#   /' >&3
	fi
}

# check DESCRIPTION COMMAND...: the command succeeds
check() {
	description=$1
	shift
	"$@" >/tmp/out 2>&1
	result $? "$description" /tmp/out
}

# is DESCRIPTION GOT WANTED
is() {
	printf 'got:    %s\nwanted: %s\n' "$2" "$3" >/tmp/out
	[ "$2" = "$3" ]
	result $? "$1" /tmp/out
}

# has DESCRIPTION FILE PATTERN: a line of FILE matches within 5 s
has() {
	for _ in $(seq 50); do
		grep -q -e "$3" "$2" && break
		sleep 0.1
	done
	grep -q -e "$3" "$2"
	result $? "$1" "$2"
}

# The first number in a long run (make test-vm-long), the second in a normal one:
# loading programs under emulation takes a second.
long() {
	if grep -q xtbpf.long /proc/cmdline; then echo "$1"; else echo "$2"; fi
}

note() {
	echo "# $*" >&3
}

# log PATTERN: the kernel log has it since the last mark
log() {
	dmesg | grep -q -e "$1"
}

mark() {
	dmesg -c >/tmp/dmesg.all
	cat /tmp/dmesg.all >>/tmp/dmesg.old
}

# wait_for SECONDS COMMAND...
wait_for() {
	until=$(($(date +%s) + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $until ] || return 1
		sleep 0.1
	done
}

# The kernel's own ip_tables: there, and gone.
kernel_on() {
	modprobe -a ip_tables iptable_filter iptable_raw iptable_mangle iptable_security iptable_nat \
		ip6_tables ip6table_filter ip6table_raw ip6table_mangle ip6table_security ip6table_nat \
		xt_tcpudp xt_multiport xt_comment
}

kernel_rm() {
	# shellcheck disable=SC2046
	rmmod $(lsmod | awk '/^ip6?table_/ { print $1 }')
	rmmod $(lsmod | awk '/^ip6?_tables/ { print $1 }')
	! lsmod | grep -q '^ip6\?_\?table'
}

kernel_off() {
	wait_for 20 kernel_rm # namespaces that still go hold them
	lsmod >/tmp/modules
	check "the kernel's ip_tables goes" sh -c '! grep "^ip6*_*table" /tmp/modules'
}

# The module and the real helper ($pid; its log in /tmp/xtbpfd.log).
helper_on() {
	xtbpfd "$@" >>/tmp/xtbpfd.log 2>&1 &
	pid=$!
	wait_for 10 xtbpf status
}

ours_on() {
	check "the module loads" modprobe xtbpf
	helper_on "$@"
	is "the helper serves it" "$(xtbpf status -j | grep -c kmod)" 1
}

ours_off() {
	kill $pid
	wait $pid
	check "the module goes" rmmod xtbpf
}

finish() {
	mark
	grep -E 'WARNING: |BUG: |Oops|general protection|blocked for more|suspicious RCU|unreferenced object' \
		/tmp/dmesg.old | grep -v "${expected_warning:-nothing is expected}" >/tmp/out
	[ ! -s /tmp/out ]
	result $? "no warning in the kernel log" /tmp/out
	echo "1..$count" >&3
}
