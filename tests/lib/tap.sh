# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the e2e tests: TAP, where things are, root or skip.
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
tools=$B/tests/tools
CORPUS=${CORPUS:-$top/../shared/corpus}
nr=0
failed=0

plan() { # COUNT
	echo "1..$1"
}
skip_all() { # WHY
	echo "1..0 # SKIP $1"
	exit 0
}
# t NAME COMMAND...: one test, in this shell, so that it may start and stop the helper;
# its output becomes comments when it fails (or with V=1)
t() {
	nr=$((nr + 1))
	t_name=$1
	t_log=$(mktemp)
	shift
	"$@" >"$t_log" 2>&1
	t_rc=$?
	if [ $t_rc = 0 ]; then
		echo "ok $nr - $t_name"
	else
		echo "not ok $nr - $t_name ($t_rc)"
		failed=1
	fi
	[ $t_rc = 0 ] && [ -z "${V:-}" ] || sed 's/^#* */# /' "$t_log"
	rm -f "$t_log"
}
skip() { # NAME WHY
	nr=$((nr + 1))
	echo "ok $nr - $1 # SKIP $2"
}
# The command must fail with exactly this status.
status() { # STATUS COMMAND...
	want=$1
	shift
	"$@"
	got=$?
	[ $got = "$want" ] || { echo "status $got instead of $want"; return 1; }
}
need_root() {
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	[ -x "$tools/difftest" ] || skip_all "$tools/difftest is not built"
}
# private "$@": go on in a mount and a network namespace of our own, with a bpffs, a
# run directory and an xtables lock that nobody else uses; all of it goes with us.
private() {
	if [ -z "${XTBPF_PRIVATE:-}" ]; then
		XTBPF_PRIVATE=1 exec unshare -m -n --propagation private sh "$0" "$@"
	fi
	tmp=$(mktemp -d)
	export XTBPF_BPFFS="$tmp/bpf/x" XTBPF_RUNDIR="$tmp/run" XTABLES_LOCKFILE="$tmp/lock"
	# nobody else sees it: a helper started by xtbpf run stays here too
	mount -t tmpfs tmpfs "$tmp"
	mkdir "$tmp/bpf" "$tmp/run"
	mount -t bpf bpf "$tmp/bpf" || skip_all "no bpffs"
	ip link set lo up
	helper=
	trap private_end EXIT
}
private_end() {
	[ -z "$helper" ] || kill "$helper" 2>/dev/null
	wait
	umount -l "$tmp/bpf" "$tmp"
	rmdir "$tmp"
}
# helper_start OPTIONS...: our own xtbpfd; $helper is its pid
helper_start() {
	"$B/bin/xtbpfd" --foreground --here "$@" >>"$tmp/xtbpfd.log" 2>&1 &
	helper=$!
	i=0
	while [ ! -S "$tmp/run/xtbpfd.sock" ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.1
	done
}
x() { # an iptables client on xtbpf
	"$B/bin/xtbpf" run -- "$@"
}
