#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Run test programs (TAP on stdout) under prove and end with its counts.
# Scripts run through sh, everything else is executed as it is.
set -u
export CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}"
list=
for f in "$@"; do
	[ -e "$f" ] && list="$list $f"
done
# shellcheck disable=SC2086
exec prove --timer --comments --exec scripts/exec.sh $list
