#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What the helper keeps on disk and in pins: it comes back, or is refused when it
# does not fit; it goes with its namespace; and nobody can fill it without end.
. "$(dirname "$0")/../lib/tap.sh"
need_root
for c in iptables-legacy ip nsenter unshare; do
	command -v $c >/dev/null || skip_all "$c is missing"
done
. "$(dirname "$0")/../lib/helper.sh"
a=xtst-a$$
b=xtst-b$$
run() { # NAMESPACE COMMAND
	ns=$1
	shift
	in_ns "$ns" "$B/bin/xtbpf" run -- "$@"
}
inode() { stat -L -c %i "/run/netns/$1"; }
listed() { "$B/bin/xtbpf" status -j | grep -q "\"inode\":$1"; }

rules_survive() {
	run $a iptables-legacy -P FORWARD DROP && run $a iptables-legacy -N user &&
		run $a iptables-legacy -A user -p tcp -m tcp --dport 1:2 -c 7 70 -j DROP || return 1
	run $a iptables-legacy-save -c | grep -v '^#' >"$tmp/before"
	stop TERM
	start || return 1
	run $a iptables-legacy-save -c | grep -v '^#' >"$tmp/after"
	diff "$tmp/before" "$tmp/after"
}

# A byte of the table flips while no helper runs: what is enforced stays, nothing is believed.
damage_is_refused() {
	stop TERM
	file=$(echo "$XTBPF_RUNDIR"/ns/"$(inode $a)"/*/4.filter)
	cp "$file" "$tmp/good"
	printf 'X' | dd of="$file" bs=1 seek=300 conv=notrunc 2>/dev/null
	start || return 1
	run $a iptables-legacy -P FORWARD ACCEPT 2>"$tmp/err" && return 1
	cat "$tmp/err"
	grep -q 'stay in force' "$tmp/err" || return 1
	stop TERM
	cp "$tmp/good" "$file"
	start || return 1
	run $a iptables-legacy-save -c | grep -v '^#' >"$tmp/after"
	diff "$tmp/before" "$tmp/after"
}

# A map is missing although the pins were complete once: nobody lets go of what is in force.
hole_is_refused() {
	pins=$XTBPF_BPFFS/$(inode $a)
	stop TERM
	mv "$pins/env_stat" "$pins/kept"
	start || return 1
	[ -e "$pins/gen" ] || { echo "the pins are gone"; return 1; }
	run $a iptables-legacy -P FORWARD ACCEPT 2>"$tmp/err" && return 1
	cat "$tmp/err"
	grep -q 'stays in force' "$tmp/err" || return 1
	stop TERM
	mv "$pins/kept" "$pins/env_stat"
	start || return 1
	run $a iptables-legacy-save -c | grep -v '^#' >"$tmp/after"
	diff "$tmp/before" "$tmp/after"
}

gone_while_running() {
	run $b iptables-legacy -P INPUT DROP || return 1
	i=$(inode $b)
	listed "$i" || { echo "not listed"; return 1; }
	ip netns del $b
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		listed "$i" || break
		sleep 1
	done
	! listed "$i" && [ ! -e "$XTBPF_RUNDIR/ns/$i" ] && [ ! -e "$XTBPF_BPFFS/$i" ]
}

gone_while_dead() {
	ip netns add $b
	run $b iptables-legacy -P INPUT DROP || return 1
	i=$(inode $b)
	stop KILL
	[ -e "$XTBPF_BPFFS/$i" ] || return 1
	ip netns del $b
	start || return 1
	! listed "$i" && [ ! -e "$XTBPF_RUNDIR/ns/$i" ] && [ ! -e "$XTBPF_BPFFS/$i" ]
}

# Namespaces of other user namespaces share a purse; the helper's own do not pay.
limits() {
	stop TERM
	XTBPF_MAX_RULES=12 start || return 1
	unshare -Urn sh -c '"$0" run -- iptables-legacy -A INPUT -p tcp -j DROP &&
		unshare -Urn "$0" run -- iptables-legacy -A INPUT -p tcp -j DROP &&
		"$0" run -- ip6tables-legacy -A INPUT -p tcp -j DROP' "$B/bin/xtbpf" 2>"$tmp/err" &&
		{ echo "no limit"; return 1; }
	cat "$tmp/err"
	grep -q 'would have more than 12 rules' "$tmp/err" || return 1
	for r in 1 2 3 4 5 6 7 8 9; do
		run $a iptables-legacy -A INPUT -p tcp -j DROP || return 1
	done
}

namespaces $a $b
plan 7
t "helper starts" start
t "rules, policies and counters survive a restart" rules_survive
t "damaged state is refused, and what is in force stays" damage_is_refused
t "pins with a hole are refused, and stay" hole_is_refused
t "a namespace that goes takes its rules along" gone_while_running
t "also when no helper runs" gone_while_dead
t "a user's tables are limited" limits
exit $failed
