#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What a change costs: change.sh [-r ROUNDS] [N...]: median milliseconds of a restore of N rules
# in two chains and of one append to the longer, on xtbpf and on the kernel's ip_tables; "cpu" is
# what the helper itself ran, which others on the machine disturb less.
# EARLY=auto as the helper has it by default; ATTACH likewise. Needs root.
# shellcheck disable=SC1091
. "$(dirname "$0")/../lib/tap.sh"
rounds=5
[ "${1:-}" != -r ] || { rounds=$2; shift 2; }
[ $# -gt 0 ] || set -- 10 1000 5000 20000 50000
need_root
. "$top/tests/lib/helper.sh"
a=xtbench$$a
b=xtbench$$b
namespaces $a $b
for n in $a $b; do ip -n $n link set lo up; done
ip link add xtb$$ netns $a type veth peer name xtb$$ netns $b && ip -n $a link set xtb$$ up

ruleset() { # N
	awk -v n="$1" 'BEGIN {
		print "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]"
		print "-A INPUT -j web"
		for (i = 0; i < n; i++)
			printf "-A %s -s 10.%d.%d.%d/32 -p tcp -m tcp --dport %d -j DROP\n", i % 10 ? "web" : "INPUT",
				i / 65536, i / 256 % 256, i % 256, 1 + i * 7 % 65535
		print "COMMIT"
	}' >"$tmp/rules"
}
ms() { # COMMAND...: milliseconds it took, or "-" when it failed
	t0=$(date +%s%N)
	if "$@" >>"$tmp/out" 2>&1; then
		echo $((($(date +%s%N) - t0) / 10000)) | sed 's/\(..\)$/.\1/; s/^\./0./'
	else
		echo -
	fi
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ours() { in_ns $a "$B/bin/xtbpf" run -- "$@"; }
theirs() { in_ns $b "$@"; }
# CPU milliseconds of the helper a round, since $1 (nanoseconds)
cpu_now() { cut -d' ' -f1 "/proc/$(cat "$tmp/pid")/schedstat"; }
cpu() { echo "$(($(cpu_now) - $1)) $rounds" | awk '{ printf "%.1f", $1 / $2 / 1e6 }'; }
restore() { # ours|theirs
	for _ in $(seq "$rounds"); do ms "$1" iptables-legacy-restore "$tmp/rules"; done | median
}
append() {
	for i in $(seq "$rounds"); do ms "$1" iptables-legacy -A web -s "192.0.2.$i" -j DROP; done | median
}
start --early="${EARLY:-auto}" --attach="${ATTACH:-auto}" || exit 1
line="%8s %12s %12s %12s %12s %12s %12s\n"
# shellcheck disable=SC2059
printf "$line" rules restore "(cpu)" "(kernel)" append "(cpu)" "(kernel)"
for n in "$@"; do
	ruleset "$n"
	c=$(cpu_now)
	r=$(restore ours)
	rc=$(cpu "$c")
	c=$(cpu_now)
	p=$(append ours)
	pc=$(cpu "$c")
	# shellcheck disable=SC2059
	printf "$line" "$n" "$r" "$rc" "$(restore theirs)" "$p" "$pc" "$(append theirs)"
done
[ -z "${V:-}" ] || tail -n 5 "$tmp/out"
