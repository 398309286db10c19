#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Formatting is clang-format's business, and nobody else's.
cd "$(dirname "$0")/../.." || exit 1
cf=$(command -v clang-format-14) || { echo "1..0 # SKIP no clang-format-14"; exit 0; }
files=$(git ls-files '*.c' '*.h' 2>/dev/null)
[ -n "$files" ] || { echo "1..0 # SKIP not a git checkout"; exit 0; }
echo 1..1
# shellcheck disable=SC2086
out=$("$cf" --dry-run -Werror $files 2>&1 | grep 'error:' | cut -d: -f1 | sort | uniq -c)
if [ -z "$out" ]; then
	echo "ok 1 - clang-format has nothing to change"
else
	echo "not ok 1 - clang-format has nothing to change"
	echo "$out" | sed 's/^/# lines, file: /'
	exit 1
fi
