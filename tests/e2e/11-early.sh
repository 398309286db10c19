#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Early drop by test runs: what is dropped, what must pass, what is counted.
. "$(dirname "$0")/../lib/tap.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -x "$tools/earlytest" ] || skip_all "$tools/earlytest is not built"
exec "$tools/earlytest"
