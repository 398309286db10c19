#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A thousand replaces while packets flow: what both rulesets drop never gets
# through, what both accept is never lost.
. "$(dirname "$0")/../lib/tap.sh"
need_root

plan 2
t "1,000 replaces under load" "$tools/fliptest" flip "${REPLACES:-1000}"
t "100 more with early drop" "$tools/fliptest" flip 100 auto
exit $failed
