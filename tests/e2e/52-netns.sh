#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Netfilter links hold a reference on their network namespace. When its last
# user is gone the helper lets go; one that was dead meanwhile does at its start.
# A veth whose other end lies in the namespace shows when the kernel frees it.
. "$(dirname "$0")/../lib/tap.sh"
need_root
private "$@"
mkdir -p "$tmp/netns"
mount --bind "$tmp/netns" /run/netns 2>/dev/null || { mkdir -p /run/netns && mount --bind "$tmp/netns" /run/netns; }

make_ns() { # NAME: with a veth to us, rules and a policy
	ip netns add "$1" && ip link add "v$1" type veth peer name p netns "$1" &&
		ip netns exec "$1" ip link set lo up &&
		x nsenter --net="/run/netns/$1" iptables-legacy-restore "$top/tests/rulesets/server.rules" &&
		x nsenter --net="/run/netns/$1" ip6tables-legacy-restore "$top/tests/rulesets/server6.rules"
}
freed() { # NAME: within a while
	n=0
	while ip link show "v$1" >/dev/null 2>&1; do
		n=$((n + 1))
		[ $n -lt 200 ] || { echo "namespace $1 is still there after 20 s"; return 1; }
		sleep 0.1
	done
	echo "freed after $n/10 s"
}
forgotten() { # COUNT: namespaces that have state left
	n=$(ls "$tmp/run/ns" 2>/dev/null | wc -l)
	[ "$n" = "$1" ] || { echo "$n namespaces have state on disk, not $1"; return 1; }
}
alive() {
	make_ns one && make_ns two && forgotten 2 || return 1
	ip netns del one
	freed one && forgotten 1 && kill -0 "$helper"
}
# OUTPUT drops what goes to 198.51.100.0/24: the sender gets EPERM.
other_lives() {
	x nsenter --net=/run/netns/two iptables-legacy -S | grep -q -- '-A INPUT -i lo -j ACCEPT' || return 1
	ip netns exec two ip addr add 198.51.100.1/32 dev lo
	ip netns exec two perl -MSocket -e 'socket(S, PF_INET, SOCK_DGRAM, 17);
		exit(!defined(send(S, "x", 0, sockaddr_in(9, inet_aton("198.51.100.1")))) && $!{EPERM} ? 0 : 1)'
}
dead() {
	kill -9 "$helper"
	wait "$helper" 2>/dev/null
	ip netns del two
	sleep 1
	ip link show vtwo >/dev/null || { echo "freed although pinned links should hold it"; return 1; }
	helper_start --early=off && freed two && forgotten 0
}
by_process() {
	unshare -n sleep 300 &
	pid=$!
	sleep 0.3
	ip link add vthree type veth peer name p netns $pid &&
		x nsenter -t $pid -n iptables-legacy -A INPUT -p tcp --dport 1 -j DROP && forgotten 1 || return 1
	kill $pid
	wait $pid 2>/dev/null
	freed three && forgotten 0
}

helper_start --early=off || skip_all "xtbpfd does not start: $(cat "$tmp/xtbpfd.log")"
plan 4
t "destroyed with the helper alive" alive
t "another namespace keeps its rules" other_lives
t "destroyed with the helper dead: freed at its restart" dead
t "a namespace that only a process held" by_process
umount /run/netns
exit $failed
