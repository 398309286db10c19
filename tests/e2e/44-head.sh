#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Matches on header fields against the kernel, over every placement.
. "$(dirname "$0")/../lib/tap.sh"
need_root
rules=$top/tests/rulesets
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

plan 6
for f in 4 6; do
	[ $f = 4 ] && r=head.rules || r=head6.rules
	t "netfilter decides, IPv$f" "$tools/difftest" --family=$f --early=off --attach=netfilter \
		--packets=3000 "$rules/$r"
	t "with early drop at XDP, IPv$f" "$tools/difftest" --family=$f --early=xdp --packets=2000 "$rules/$r"
	# the group of a device cannot be seen at TC
	grep -v devgroup "$rules/$r" >"$tmp/$r"
	t "TC decides, IPv$f" "$tools/difftest" --family=$f --attach=tc --early=off --strange=0 \
		--packets=2000 "$tmp/$r"
done
exit $failed
