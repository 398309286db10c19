#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The differential test over every placement: early drop at TC and at XDP, and
# TC deciding (there only what is exact at TC: whole packets without options).
. "$(dirname "$0")/../lib/tap.sh"
need_root
rules=$top/tests/rulesets

plan 14
for f in 4 6; do
	[ $f = 4 ] && r=server.rules || r=server6.rules
	t "early drop at TC, IPv$f" "$tools/difftest" --family=$f --early=tc --want-early=tc \
		--packets=4000 "$rules/$r"
	t "early drop at XDP, IPv$f" "$tools/difftest" --family=$f --early=xdp --want-early=xdp \
		--packets=4000 "$rules/$r"
	t "what xtbpfd chooses, IPv$f" "$tools/difftest" --family=$f --packets=4000 "$rules/$r"
	t "TC decides, IPv$f" "$tools/difftest" --family=$f --attach=tc --early=off --strange=0 \
		--packets=4000 "$rules/$r"
done
# verdicts in all tables but nat, aimed at each of them in turn
tables() { # EARLY
	for table in raw mangle filter security; do
		"$tools/difftest" --early="$1" --table=$table --packets=2500 "$rules/tables.rules" || return 1
	done
}
for early in off tc xdp auto; do
	t "raw, mangle, filter and security, early=$early" tables $early
done
t "matches that look into the packet: what xtbpfd chooses" "$tools/difftest" --packets=2000 \
	"$rules/deep.rules"
t "matches that look into the packet: TC decides" "$tools/difftest" --attach=tc --early=off \
	--strange=0 --packets=2000 "$rules/deep.rules"
exit $failed
