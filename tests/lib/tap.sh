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
# t NAME COMMAND...: one test; its output becomes comments when it fails (or with V=1)
t() {
	nr=$((nr + 1))
	name=$1
	shift
	if out=$("$@" 2>&1); then
		echo "ok $nr - $name"
		[ -z "${V:-}" ] || echo "$out" | sed 's/^#* */# /'
	else
		echo "not ok $nr - $name ($?)"
		echo "$out" | sed 's/^#* */# /'
		failed=1
	fi
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
