#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# `xtbpf run` and the helper's life: what clients of all sorts see, what dies and what stays.
# shellcheck disable=SC1091,SC2015,SC2329
. "$(dirname "$0")/../lib/tap.sh"

[ "$(id -u)" = 0 ] || skip_all "needs root"
x=$B/bin/xtbpf
probe=$tools/callprobe
[ -x "$x" ] && [ -x "$probe" ] || skip_all "$x or $probe is not built"
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf || skip_all "no bpffs"

tmp=$(mktemp -d)
export XTBPF_RUNDIR="$tmp/run" XTBPF_BPFFS="/sys/fs/bpf/e2e-run-$$"
ns=e2e-run-$$-a
kernel=e2e-run-$$-k
fresh=e2e-run-$$-f # ours without rules, beside the kernel's
third=e2e-run-$$-t
for n in $ns $kernel $fresh $third; do ip netns add "$n"; done

helper_pid() { "$x" status -j 2>/dev/null | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1; }
stop_helper() { # SIGNAL
	p=$(helper_pid)
	[ -n "$p" ] || return 0
	kill "-$1" "$p"
	while [ -d "/proc/$p" ] && ! grep -q '^State:.Z' "/proc/$p/status" 2>/dev/null; do sleep 0.05; done
}
# shellcheck disable=SC2317
finish() {
	stop_helper TERM
	for n in $ns $kernel $fresh $third; do ip netns del "$n"; done
	rm -rf "$tmp" "$XTBPF_BPFFS"
}
trap finish EXIT
trap 'exit 1' INT TERM

run() { ip netns exec "$ns" timeout 60 "$x" run -- "$@"; }
says() { # TEXT COMMAND...: the command's output holds the text
	text=$1
	shift
	out=$("$@" 2>&1)
	echo "$out"
	case $out in *"$text"*) return 0 ;; esac
	echo "(does not say: $text)"
	return 1
}
same() { # callprobe there and here
	ip netns exec "$kernel" "$probe" "$@" >"$tmp/kernel.out" 2>&1
	ip netns exec "$fresh" timeout 60 "$x" run -- "$probe" "$@" >"$tmp/ours.out" 2>"$tmp/ours.err"
	diff "$tmp/kernel.out" "$tmp/ours.out"
}
kernel_is_empty() { # the kernel's own tables of the namespace hold no rule: its file, outside the wrapper
	for f in ip_tables_names ip6_tables_names; do
		[ -z "$(ip netns exec "$ns" cat "/proc/net/$f")" ] || return 1
	done
}

simple() {
	run iptables-legacy -N web && run iptables-legacy -A INPUT -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT &&
		run iptables-legacy -A web -j DROP && run iptables-legacy -P FORWARD DROP &&
		run iptables-legacy -S >"$tmp/s" && cat "$tmp/s" && [ "$(wc -l <"$tmp/s")" = 6 ] &&
		grep -qx -e '-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT' "$tmp/s"
}
save_both() {
	run ip6tables-legacy -A INPUT -p ipv6-icmp -j DROP && run ip6tables-legacy-save | grep -q 'ipv6-icmp -j DROP' &&
		run iptables-legacy-save | grep -q '^\*filter'
}
restore() {
	run iptables-legacy-save -c >"$tmp/saved" && run iptables-legacy -F &&
		run iptables-legacy-restore -c <"$tmp/saved" && run iptables-legacy-save -c >"$tmp/again" &&
		diff -I '^#' "$tmp/saved" "$tmp/again"
}
names() {
	# shellcheck disable=SC2016
	n=$(run sh -c 'cat /proc/net/ip_tables_names /proc/self/net/ip_tables_names \
		/proc/thread-self/net/ip6_tables_names /proc/$$/net/ip_tables_names' | grep -cx filter)
	[ "$n" = 4 ]
}
static_client() {
	cc -static -O2 -D_GNU_SOURCE -o "$tmp/static" "$top/tests/tools/callprobe.c" 2>/dev/null &&
		ip netns exec "$kernel" "$tmp/static" edge >"$tmp/kernel.out" && run "$tmp/static" edge | diff "$tmp/kernel.out" -
}
int80() {
	run "$probe" int80 >"$tmp/out" 2>"$tmp/err"
	cat "$tmp/out" "$tmp/err"
	grep -qx 'int80 socketcall: ENOPROTOOPT' "$tmp/out" && grep -qx 'int80 getsockopt: ENOPROTOOPT' "$tmp/out" &&
		grep -qx 'int80 other option: ok' "$tmp/out" && grep -q 'x32 getsockopt: ENO' "$tmp/out" &&
		grep -q '32-bit iptables is not served' "$tmp/err"
}
unprivileged() {
	run setpriv --reuid 65534 --clear-groups "$probe" edge >"$tmp/ours.out"
	ip netns exec "$kernel" setpriv --reuid 65534 --clear-groups "$probe" edge >"$tmp/kernel.out"
	grep -q EPERM "$tmp/ours.out" && diff "$tmp/kernel.out" "$tmp/ours.out"
}
# A user namespace of one's own gives power over its own network namespace, not over ours.
user_namespace() {
	run unshare --user --map-root-user "$probe" edge | grep -q EPERM || return 1
	run unshare --user --map-root-user --net iptables-legacy -A INPUT -s 1.2.3.4 -j DROP || return 1
	run iptables-legacy -S | grep -q 1.2.3.4 && return 1
	return 0
}
nft_told_apart() {
	says "is iptables-nft" status 3 run iptables-nft -L -n && run nft list tables
}
missing_capability() {
	for c in bpf net_admin perfmon sys_admin; do
		says "CAP_$(echo $c | tr a-z A-Z)" status 3 setpriv --bounding-set -$c --inh-caps -$c \
			"$x" run -- touch "$tmp/ran" || return 1
	done
	[ ! -e "$tmp/ran" ]
}
exit_status() {
	status 7 run sh -c 'exit 7' && status 137 run sh -c 'kill -9 $$' && status 127 run /nonexistent &&
		status 2 "$x" run && status 2 "$x" run --frob x && status 2 "$x" frob && "$x" --help >/dev/null &&
		status 2 "$B/bin/xtbpfd" --frob && status 2 "$B/bin/xtbpfd" --attach=x && "$B/bin/xtbpfd" --help >/dev/null
}
signal_passed_on() {
	ip netns exec "$ns" "$x" run -- sh -c 'trap "exit 42" TERM; : >"$0"; while :; do sleep 0.05; done' "$tmp/up" &
	p=$!
	while [ ! -e "$tmp/up" ]; do sleep 0.05; done
	kill -TERM $p
	wait $p
	[ $? = 42 ]
}
nested() { run "$x" run -- iptables-legacy -S | diff - "$tmp/s.now"; }
# Who outlives the command is still served.
straggler() {
	# shellcheck disable=SC2016
	status 5 run sh -c '(sleep 0.5; iptables-legacy -S >"$0"; cat /etc/hosts >>"$0.hosts") & exit 5' "$tmp/late"
	sleep 1.2
	diff "$tmp/late" "$tmp/s.now" && cmp /etc/hosts "$tmp/late.hosts"
}
survives_kill() {
	p=$(helper_pid)
	run sh -c "kill -9 $p; exec iptables-legacy -S" | diff - "$tmp/s.now" && [ "$(helper_pid)" != "$p" ]
}
survives_stop() {
	stop_helper TERM
	status 3 "$x" status && run iptables-legacy -S | diff - "$tmp/s.now"
}
only_one() {
	stop_helper TERM
	for i in 1 2 3 4 5 6; do run iptables-legacy -S >"$tmp/race.$i" 2>&1 & done
	wait
	for i in 1 2 3 4 5 6; do diff "$tmp/race.$i" "$tmp/s.now" || return 1; done
	says "another xtbpfd is running" status 3 "$B/bin/xtbpfd" --foreground
}
# No helper and none to be started: an errno and a line, never the kernel's own tables.
helper_gone() {
	mkdir "$tmp/alone" && cp "$x" "$tmp/alone/" || return 1
	p=$(helper_pid)
	says "no answer from the helper" ip netns exec "$ns" env PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		"$tmp/alone/xtbpf" run -- sh -c "kill -9 $p; sleep 0.2; iptables-legacy -A INPUT -s 9.9.9.9"
}
killed_client() {
	for i in 1 2 3 4 5; do
		run sh -c '"$0" signals & sleep 0.05; kill -9 $!; wait $!; exit 0' "$probe" || return 1
	done
	run iptables-legacy -S | diff - "$tmp/s.now"
}
lives_at_home() { # not in the namespaces of whoever needed it first, or started it by hand
	p=$(helper_pid)
	[ "$(readlink /proc/self/ns/mnt /proc/self/ns/net)" = "$(readlink "/proc/$p/ns/mnt" "/proc/$p/ns/net")" ]
}
# Namespaces inside the command: mounts, pids and networks of its own.
inner_namespaces() {
	"$x" run -- ip netns exec "$ns" iptables-legacy -S | diff - "$tmp/s.now" &&
		[ "$(run unshare --pid --fork --mount-proc iptables-legacy-save | grep -c '^-A\|^:')" = "$(run iptables-legacy-save |
			grep -c '^-A\|^:')" ]
}
closed_fds() {
	run iptables-legacy -A web -s 1.1.1.1 <&- >&- && ip netns exec "$ns" "$x" run -- iptables-legacy -D web -s 1.1.1.1 2>&- &&
		ip netns exec "$ns" "$x" run -- iptables-legacy -L web -n <&- >&- 2>&-
	run iptables-legacy -S | diff - "$tmp/s.now"
}
relative_dir() {
	(cd "$tmp" && XTBPF_RUNDIR=run && run iptables-legacy -S | diff - "$tmp/s.now")
}
by_hand() {
	stop_helper TERM
	ip netns exec "$ns" "$B/bin/xtbpfd" --daemon && lives_at_home && run iptables-legacy -S | diff - "$tmp/s.now"
}

plan 32
t "iptables-legacy -N -A -P -S" simple
t "the kernel's own tables hold nothing" kernel_is_empty
t "ip6tables, iptables-save without -t" save_both
t "restore gives back what save took" restore
t "every spelling of the names file" names
t "8,700 odd calls on all sorts of sockets: the kernel's errnos" same matrix
t "a call from a thread" same thread
t "calls under a storm of signals" same signals
t "buffers at the edge of a page" same edge
t "the socket's namespace counts, not the caller's" same setns "/run/netns/$third"
t "a static client" static_client
t "32-bit calls are refused in words" int80
t "no capability: EPERM as the kernel gives it" unprivileged
t "a user namespace rules its own network only" user_namespace
t "iptables-nft is told apart, nft is let be" nft_told_apart
t "missing capabilities are named before anything runs" missing_capability
t "exit status, usage" exit_status
t "SIGTERM to run reaches the command" signal_passed_on
run iptables-legacy -S >"$tmp/s.now"
t "run inside run" nested
t "what outlives the command is still served" straggler
t "the helper lives outside the command's namespaces" lives_at_home
t "the helper is killed between two calls" survives_kill
t "clients killed in the middle" killed_client
t "the helper stops; the next run finds the rules" survives_stop
t "a helper started by hand under ip netns exec finds them too" by_hand
t "namespaces inside the command" inner_namespaces
t "closed standard fds" closed_fds
t "a relative run directory" relative_dir
t "six at once start one helper" only_one
t "no helper and none to start: said in words" helper_gone
t "and nothing reached the kernel's tables" kernel_is_empty
t "nothing amiss in the helper's log" sh -c '! grep -E "Sanitizer|runtime error|connection closed" "$0"' "$XTBPF_RUNDIR/xtbpfd.log"
exit $failed
