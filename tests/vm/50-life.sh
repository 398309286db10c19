# SPDX-License-Identifier: GPL-2.0-only
# The helper dies and comes back, namespaces go: what is in force stays in force,
# clients get an errno at once, nothing is left behind.

. /test/functions.sh
. /test/devices.sh
for ns in a b; do
	ip netns add $ns
	ip -n $ns link set lo up
done
ip link add xd netns a type veth peer name xd netns b
ip -n a addr add 10.9.0.1/24 dev xd
ip -n b addr add 10.9.0.2/24 dev xd
ip -n a link set xd up
ip -n b link set xd up
ping_b() {
	ip netns exec a ping -q -c 2 -i 0.1 -W 1 10.9.0.2
}
in_b() {
	ip netns exec b "$@"
}

ours_on
wait_for 5 ping_b
check "traffic passes" ping_b
check "a rule" in_b iptables-legacy -A INPUT -p icmp -j DROP
check "is enforced" sh -c '! ip netns exec a ping -q -c 2 -i 0.1 -W 1 10.9.0.2'
is "names file" "$(in_b cat /proc/net/ip_tables_names)" filter
is "names file of another namespace" "$(ip netns exec a cat /proc/net/ip_tables_names)" ""
is "iptables-save without -t" "$(in_b iptables-legacy-save | grep -c '^-A INPUT -p icmp -j DROP')" 1

kill -KILL $pid
wait $pid 2>/dev/null
check "helper killed: still enforced" sh -c '! ip netns exec a ping -q -c 2 -i 0.1 -W 1 10.9.0.2'
start=$(date +%s)
is "iptables says who?" "$(in_b iptables-legacy -S 2>&1 | grep -c 'iptables who')" 1
check "at once" [ $(($(date +%s) - start)) -le 2 ]
check "iptables-save fails and does not show nothing" sh -c '! ip netns exec b iptables-legacy-save'
in_b iptables-legacy -F 2>/dev/null
check "a change fails, and changes nothing" sh -c '! ip netns exec a ping -q -c 1 -W 1 10.9.0.2'
helper_on
is "restarted: the rule is there" "$(in_b iptables-legacy -S INPUT | tail -n 1)" "-A INPUT -p icmp -j DROP"
is "with what it counted meanwhile" "$(in_b iptables-legacy-save -c | sed -n 's/^\[\([0-9]*\):.*icmp.*/\1/p')" 5
is "and its names file" "$(in_b cat /proc/net/ip_tables_names)" filter

# killed at any point of a change
old='-A INPUT -p icmp -j DROP'
odd=0
for i in $(seq 12); do
	in_b iptables-legacy -A INPUT -p udp --dport $i -j DROP >/dev/null 2>&1 &
	client=$!
	sleep 0.0$((i * 2 % 10))
	kill -KILL $pid
	wait $pid 2>/dev/null
	wait $client
	ping_b >/dev/null 2>&1 && odd=$((odd + 1))
	helper_on
	in_b iptables-legacy -S INPUT >/tmp/out 2>&1
	grep -q -e "$old" /tmp/out || odd=$((odd + 1))
done
is "12 kills in the middle of changes: the rule held, the table can be read" $odd 0
check "nobody waits any more" sh -c '! pgrep iptables'

# the helper's second instance
is "a second helper is refused" "$(xtbpfd 2>&1 | grep -c 'another xtbpfd')" 1
XTBPF_RUNDIR=/tmp/other xtbpfd >/tmp/out 2>&1 &
other=$!
wait_for 5 test -S /tmp/other/xtbpfd.sock
check "one with a directory of its own leaves the module alone" sh -c '! ls -l /proc/'$other'/fd | grep -q /dev/xtbpf'
kill $other
wait $other

# loaded after the helper
kill $pid
wait $pid
check "module out" rmmod xtbpf
check "its rules are still enforced" sh -c '! ip netns exec a ping -q -c 2 -i 0.1 -W 1 10.9.0.2'
helper_on
modprobe xtbpf
sleep 1
is "a module that is loaded later is noticed" "$(in_b iptables-legacy -S INPUT | grep -c icmp)" 1

# namespaces go
links=$(bpftool link list 2>/dev/null | grep -c '^[0-9]')
ip netns del b
ip netns del a
check "a namespace goes: so do its pins" wait_for 20 sh -c '[ -z "$(ls /sys/fs/bpf/xtbpf 2>/dev/null | grep "^[0-9]")" ]'
note "links before: $links, after: $(bpftool link list 2>/dev/null | grep -c '^[0-9]')"
unshare -n sh -c 'iptables-legacy -A INPUT -j DROP; exec sleep 60' &
sleeper=$!
wait_for 5 sh -c 'ls /sys/fs/bpf/xtbpf | grep -q "^[0-9]"'
kill -KILL $pid
wait $pid 2>/dev/null
kill -KILL $sleeper
wait $sleeper 2>/dev/null
helper_on
check "gone while the helper was dead: cleaned at its start" \
	wait_for 20 sh -c '[ -z "$(ls /sys/fs/bpf/xtbpf 2>/dev/null | grep "^[0-9]")" ]'
ours_off
