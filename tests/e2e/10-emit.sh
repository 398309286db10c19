#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Generated chains against an interpreter of the same rules, by test runs in the
# kernel: random rulesets and keys, verdicts and counters.
. "$(dirname "$0")/../lib/tap.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -x "$tools/emittest" ] || skip_all "$tools/emittest is not built"
exec "$tools/emittest" fuzz "${SEED:-7}" "${ROUNDS:-60}"
