#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Odd calls and odd blobs: the kernel's ip_tables in one namespace and xtbpf in
# another give the same errnos and the same bytes. Where xtbpf cannot enforce
# what the kernel would have taken, it may refuse, by EOPNOTSUPP or ENOENT only.
. "$(dirname "$0")/../lib/tap.sh"
need_root
for c in iptables-legacy ip6tables-legacy ip nsenter; do
	command -v $c >/dev/null || skip_all "$c is missing"
done
FUZZ=${FUZZ:-150}
SEED=${SEED:-$(date +%s)}
. "$(dirname "$0")/../lib/helper.sh"
a=xtabi-k$$
b=xtabi-x$$

on_kernel() { in_ns $a "$@"; }
on_xtbpf() { in_ns $b "$B/bin/xtbpf" run -- "$@"; }

# Strict but for the marked lines: fuzz and ours may be refused.
same() { # FAMILY
	on_kernel "$tools/abiprobe" "$1" "$FUZZ" "$SEED" >"$tmp/k$1" || return 1
	on_xtbpf "$tools/abiprobe" "$1" "$FUZZ" "$SEED" >"$tmp/x$1" 2>"$tmp/err$1" || return 1
	[ "$(wc -l <"$tmp/k$1")" -gt 300 ] || { echo "the probe is short"; return 1; }
	paste -d '\n' "$tmp/k$1" "$tmp/x$1" | awk -v seed="$SEED" '
		NR % 2 { kernel = $0; next }
		$0 == kernel { next }
		/^(fuzz|ours)/ && kernel ~ /: OK$/ && /: (EOPNOTSUPP|ENOENT)$/ { refused++; next }
		{ bad++; print "line " NR / 2 ": kernel " kernel " | xtbpf " $0 }
		END { print refused + 0 " refused by xtbpf alone, " bad + 0 " differ, seed " seed; exit bad > 0 }'
}

rules_come_back() { # FAMILY
	ipt=iptables-legacy
	[ "$1" = 4 ] || ipt=ip6tables-legacy
	file=$top/tests/rulesets/server.rules
	[ "$1" = 4 ] || file=$top/tests/rulesets/server6.rules
	on_kernel $ipt-restore <"$file" || return 1
	on_xtbpf $ipt-restore <"$file" || return 1
	on_kernel $ipt-save | sed 's/^#.*//' >"$tmp/ks"
	on_xtbpf $ipt-save | sed 's/^#.*//' >"$tmp/xs"
	diff "$tmp/ks" "$tmp/xs"
}

rule_text() { # FAMILY: of the kernel's table as it now is
	ipt=iptables-legacy
	[ "$1" = 4 ] || ipt=ip6tables-legacy
	on_kernel $ipt-save -t filter | grep '^-A' >"$tmp/want"
	on_kernel "$tools/ruletext" "$1" filter >"$tmp/got"
	[ -s "$tmp/want" ] && diff "$tmp/want" "$tmp/got"
}

# Everything iptables-save can print that xtbpf cannot do yet prints in a reason.
refusal_names_rule() {
	on_xtbpf iptables-legacy -P INPUT ACCEPT
	on_xtbpf iptables-legacy -F
	before=$(on_xtbpf iptables-legacy-save)
	on_xtbpf iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT
	on_xtbpf iptables-legacy -A INPUT -s 10.1.0.0/16 -j NFQUEUE --queue-num 3 \
		2>"$tmp/err" && { echo accepted; return 1; }
	cat "$tmp/err"
	grep -q 'filter INPUT rule 2 (-A INPUT -s 10.1.0.0/16 -j NFQUEUE --queue-num 3)' \
		"$tmp/err" || return 1
	grep -q 'nothing was changed' "$tmp/err" || return 1
	in_ns $b "$B/bin/xtbpf" why >"$tmp/why" || return 1
	grep -q 'extension NFQUEUE' "$tmp/why" || { cat "$tmp/why"; return 1; }
	on_xtbpf iptables-legacy -D INPUT 1 || return 1
	[ "$(on_xtbpf iptables-legacy-save | grep -v '^#')" = "$(echo "$before" | grep -v '^#')" ]
}

nat_refused() {
	on_xtbpf iptables-legacy -t nat -N empty || return 1
	on_xtbpf iptables-legacy -t nat -A POSTROUTING -j ACCEPT 2>"$tmp/err" && return 1
	grep -q 'nat POSTROUTING rule 1 (-A POSTROUTING -j ACCEPT): nat rules are not supported yet' \
		"$tmp/err" || { cat "$tmp/err"; return 1; }
}

json_status() {
	"$B/bin/xtbpf" status || return 1
	"$B/bin/xtbpf" status -j | grep -q "\"name\":\"$b\"" || { "$B/bin/xtbpf" status -j; return 1; }
}

# kill -9: rules, counters and the list of tables are there again.
comes_back() {
	on_xtbpf iptables-legacy -A INPUT -p udp --dport 9 -c 5 500 -j DROP || return 1
	names=$(on_xtbpf cat /proc/net/ip_tables_names)
	before=$(on_xtbpf iptables-legacy-save -c -t filter | grep -v '^#')
	stop KILL
	start || return 1
	after=$(on_xtbpf iptables-legacy-save -c -t filter | grep -v '^#')
	[ "$before" = "$after" ] || { printf '%s\nbecame\n%s\n' "$before" "$after"; return 1; }
	[ "$names" = "$(on_xtbpf cat /proc/net/ip_tables_names)" ]
}

nothing_in_kernel() {
	for f in ip_tables_names ip6_tables_names; do
		[ -z "$(in_ns $b cat /proc/net/$f)" ] || return 1
	done
}

no_helper() {
	stop TERM
	status 3 "$B/bin/xtbpf" status 2>"$tmp/err" && grep -q 'no helper is running' "$tmp/err" &&
		status 3 "$B/bin/xtbpf" why && status 2 "$B/bin/xtbpf" status --nonsense
}

namespaces $a $b
plan 13
t "helper starts" start
t "same errnos and bytes, IPv4" same 4
t "same errnos and bytes, IPv6" same 6
t "rules come back as from the kernel, IPv4" rules_come_back 4
t "rules come back as from the kernel, IPv6" rules_come_back 6
t "rule text is iptables-save's, IPv4" rule_text 4
t "rule text is iptables-save's, IPv6" rule_text 6
t "a refusal names the rule" refusal_names_rule
t "nat takes chains but no rules" nat_refused
t "the kernel's tables hold nothing" nothing_in_kernel
t "status" json_status
t "killed helper: rules and counters come back" comes_back
t "without helper: exit 3 and plain words" no_helper
exit $failed
