#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# One test for prove: a script by its shell, a program by itself; each has a ceiling.
case $1 in
*.sh) exec timeout "${XTBPF_TEST_CEILING:-300}" sh "$@" ;;
*/*) exec timeout "${XTBPF_TEST_CEILING:-300}" "$@" ;;
*) exec timeout "${XTBPF_TEST_CEILING:-300}" "./$@" ;;
esac
