#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One test for prove: a script by its shell, a program by itself; each has a ceiling.
# cmocka prints a skipped test as "not ok N # SKIP", which TAP calls a failure.
set -o pipefail
ceiling=${XTBPF_TEST_CEILING:-300}
case $1 in
*.sh) exec timeout "$ceiling" sh "$@" ;;
*/*) ;;
*) set -- "./$@" ;;
esac
timeout "$ceiling" "$@" | sed -u 's/^not ok \([0-9]* # SKIP\)/ok \1/'
