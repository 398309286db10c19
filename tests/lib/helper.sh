# SPDX-License-Identifier: GPL-2.0-only
# Sourced after tap.sh: a helper (xtbpfd) with directories of its own, and
# namespaces, all gone at exit. Tests run in subshells: what they share is in files.
tmp=$(mktemp -d)
XTBPF_RUNDIR=$tmp/run
XTBPF_BPFFS=/sys/fs/bpf/xttest$$
export XTBPF_RUNDIR XTBPF_BPFFS
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf

start() { # [OPTION...]
	setsid "$B/bin/xtbpfd" "$@" >>"$tmp/log" 2>&1 &
	echo $! >"$tmp/pid"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -S "$XTBPF_RUNDIR/xtbpfd.sock" ] && "$B/bin/xtbpf" status >/dev/null 2>&1 && return 0
		sleep 0.3
	done
	cat "$tmp/log"
	return 1
}
stop() { # SIGNAL
	pid=$(cat "$tmp/pid" 2>/dev/null) || return 0
	kill -"$1" "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
	rm -f "$tmp/pid"
}
# in NAMESPACE COMMAND: ip netns exec would hide the bpf file system
in_ns() {
	ns=$1
	shift
	nsenter --net="/run/netns/$ns" "$@"
}
namespaces() { # NAME...
	for n in "$@"; do
		ip netns add "$n" && echo "$n" >>"$tmp/namespaces"
	done
}
cleanup() {
	stop TERM
	[ ! -e "$tmp/namespaces" ] || while read -r n; do
		ip netns del "$n" 2>/dev/null
	done <"$tmp/namespaces"
	rm -rf "$XTBPF_BPFFS" "$tmp"
}
trap cleanup EXIT
