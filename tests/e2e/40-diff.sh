#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The differential test: first against itself (kernel and kernel agree, and a
# changed rule is noticed), then xtbpf against the kernel over our own rulesets.
. "$(dirname "$0")/../lib/tap.sh"
need_root
rules=$top/tests/rulesets
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

plan 8
t "kernel = kernel, IPv4" "$tools/difftest" --against=kernel --eval --packets=3000 "$rules/server.rules"
t "kernel = kernel, IPv6" "$tools/difftest" --against=kernel --eval --packets=3000 --family=6 "$rules/server6.rules"
sed 's/--dport 443/--dport 444/' "$rules/server.rules" >"$tmp/other"
t "a changed rule is noticed" status 1 "$tools/difftest" --against=kernel --no-bisect \
	--other="$tmp/other" "$rules/server.rules"
for f in 4 6; do
	[ $f = 4 ] && r=server.rules || r=server6.rules
	t "xtbpf = kernel, IPv$f" "$tools/difftest" --early=off --attach=netfilter --family=$f \
		--packets=5000 "$rules/$r"
	t "xtbpf = kernel, IPv$f, fixed seed" "$tools/difftest" --early=off --attach=netfilter \
		--family=$f --packets=5000 --seed=20 "$rules/$r"
done
t "matches that look into the packet" "$tools/difftest" --early=off --attach=netfilter \
	--packets=4000 "$rules/deep.rules"
exit $failed
