#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fragments (in order or not, overlapping, tiny, incomplete), IPv4 options, IPv6 extension
# headers and the matches that look into them, devices of other kinds or that change: the kernel's
# verdicts and counters. nat: while it holds no rules.
. "$(dirname "$0")/../lib/tap.sh"
need_root
private "$@"
rules=$top/tests/rulesets

strange() { # FAMILY FILE OPTIONS...
	f=$1
	file=$rules/$2
	shift 2
	"$tools/difftest" --family="$f" --strange=70 --packets=2000 "$@" "$file"
}
play() { # SCENE: the same counters in both
	unshare -n sh "$top/tests/lib/scenes.sh" "$1" >"$tmp/kernel" || return 1
	unshare -n sh "$top/tests/lib/scenes.sh" "$1" "$B/bin/xtbpf" run -- >"$tmp/xtbpf" || return 1
	[ -s "$tmp/kernel" ] && diff "$tmp/kernel" "$tmp/xtbpf" && cat "$tmp/kernel"
}
random() { # the oracle's own comparison, with xtbpf in the kernel's place
	ORACLE_NS= ROUNDS=${ROUNDS:-60} XTBPF_RUN="$B/bin/xtbpf run --" sh "$top/tests/e2e/11-oracle.sh" >"$tmp/oracle"
	rc=$?
	cat "$tmp/oracle"
	! grep -q '^not ok' "$tmp/oracle" && [ $rc = 0 ]
}
nat() {
	x iptables-legacy -t nat -S >/dev/null && x iptables-legacy -t nat -P OUTPUT ACCEPT &&
		x iptables-legacy -t nat -N mine && x iptables-legacy -t nat -X mine || return 1
	status 1 x iptables-legacy -t nat -A POSTROUTING -j MASQUERADE || return 1
	"$B/bin/xtbpf" why | tee /dev/stderr | grep -q nat &&
		[ "$(x iptables-legacy -t nat -S | wc -l)" = 4 ]
}

plan 25
for early in off auto; do
	t "IPv4 fragments and options, early=$early" strange 4 server.rules --early=$early
	t "IPv4 fragments and options in all tables, early=$early" strange 4 tables.rules --early=$early
	t "IPv6 fragments and headers, early=$early" strange 6 server6.rules --early=$early
	t "IPv6 extension header matches, early=$early" strange 6 ext6.rules --early=$early
done
t "IPv6 extension header matches, aimed at raw" strange 6 ext6.rules --early=tc --table=raw
sed -n '/^.filter/,/^COMMIT/p' "$rules/ext6.rules" >"$tmp/filter"
t "IPv6 extension header matches, TC decides" "$tools/difftest" --family=6 --attach=tc --early=off \
	--strange=0 --packets=2000 "$tmp/filter"
for early in off auto xdp; do
	t "helper starts, early=$early" helper_start --early=$early
	for scene in rename loopback tun eui64 bridge bridge-nf jumbo; do
		case $early,$scene in
		off,* | xdp,jumbo | auto,rename | auto,tun) t "$scene, early=$early" play $scene ;;
		esac
	done
	[ $early != off ] || t "random rulesets and packets" random
	[ $early != off ] || t "nat without rules; refused with some" nat
	kill "$helper"
	wait "$helper"
	helper=
	rm -f "$tmp/run/xtbpfd.sock"
done
exit $failed
