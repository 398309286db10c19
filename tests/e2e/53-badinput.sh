#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Bad socket options: the same list of calls on the kernel's ip_tables and on
# xtbpf must give the same errno, and never change a table or kill the helper.
. "$(dirname "$0")/../lib/tap.sh"
need_root
private "$@"
seed=${SEED:-$(date +%s)}
count=${COUNT:-300}

# Random damage that the kernel accepts may be what xtbpf does not have: then it says so.
compare() { # KERNEL XTBPF
	paste -d '|' "$1" "$2" | awk -F '|' '
		$1 == $2 { same++; next }
		$1 ~ /^damage .*accepted/ && $2 ~ /: (EOPNOTSUPP|ENOENT)$/ { ours++; next }
		{ print "kernel " $1 ", xtbpf " $2; bad++ }
		END { print same " same, " ours + 0 " refused by xtbpf alone"; exit bad > 0 || !same }'
	rc=$?
	! grep -q CHANGED "$2" || { grep CHANGED "$2"; rc=1; }
	return $rc
}
calls() { # FAMILY
	[ "$1" = 6 ] && p=ip6tables r=server6 || { p=iptables r=server; }
	unshare -n sh -c "$p-legacy-restore '$top/tests/rulesets/$r.rules' 2>/dev/null &&
		'$tools/badcall' $1 $seed $count" >"$tmp/k$1" || return 1
	x "$p-legacy-restore" "$top/tests/rulesets/$r.rules" || return 1
	x "$tools/badcall" "$1" "$seed" "$count" >"$tmp/x$1" 2>"$tmp/err$1"
	rc=$?
	[ $rc = 0 ] || { echo "badcall: $rc"; tail -n 3 "$tmp/err$1"; return 1; }
	echo "seed $seed"
	compare "$tmp/k$1" "$tmp/x$1"
}
alive() {
	kill -0 "$helper" && x iptables-legacy -S >"$tmp/out" && grep -q -- '-A INPUT -i lo -j ACCEPT' "$tmp/out"
}
# No helper can be had at all: the client fails, somebody says what to do, nothing changes.
no_helper() {
	kill "$helper"
	wait "$helper" 2>/dev/null
	helper=
	mkdir "$tmp/alone"
	cp "$B/bin/xtbpf" "$tmp/alone/"
	PATH=/usr/sbin:/usr/bin:/sbin:/bin "$tmp/alone/xtbpf" run -- iptables-legacy -A INPUT -j DROP \
		>"$tmp/out" 2>&1
	rc=$?
	cat "$tmp/out"
	[ $rc != 0 ] && grep -q xtbpfd "$tmp/out" && ! grep -q . /proc/net/ip_tables_names
}
back() {
	rm -f "$tmp/run/xtbpfd.sock"
	helper_start --early=off && x iptables-legacy -S >"$tmp/out" &&
		grep -q -- '-A INPUT -i lo -j ACCEPT' "$tmp/out" &&
		! grep -q -- '-A INPUT -j DROP' "$tmp/out"
}
# An unsupported match: refused with a line that names the rule, the rules stay.
named() {
	x iptables-legacy -S >"$tmp/before"
	! x iptables-legacy -A INPUT -p tcp -j NFQUEUE 2>"$tmp/err" || return 1
	cat "$tmp/err"
	grep -q 'INPUT' "$tmp/err" && grep -q 'NFQUEUE' "$tmp/err" || return 1
	x iptables-legacy -S | cmp - "$tmp/before"
}

helper_start --early=off || skip_all "xtbpfd does not start: $(cat "$tmp/xtbpfd.log")"
plan 6
t "bad calls, IPv4" calls 4
t "bad calls, IPv6" calls 6
t "the helper lives, the rules are there" alive
t "an extension we do not have is named" named
t "no helper at all" no_helper
t "a helper again: the rules are there" back
exit $failed
