#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# kill -9 of the helper at random moments, mostly in the middle of a replace:
# traffic is judged by the old or the new rules, and whoever comes next finds
# them with their counters.
. "$(dirname "$0")/../lib/tap.sh"
need_root

plan 2
t "killed in the middle of replaces" "$tools/fliptest" kill "${ROUNDS:-12}"
t "the same with early drop" "$tools/fliptest" kill 4 auto
exit $failed
