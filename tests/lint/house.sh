#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# House rules that a program can check: licence lines, sizes, arrows between the rooms.
cd "$(dirname "$0")/../.." || exit 1
files=$(git ls-files '*.c' '*.h' '*.sh' '*.py' Makefile '*/Makefile' '*/Kbuild' 2>/dev/null)
[ -n "$files" ] || { echo "1..0 # SKIP not a git checkout"; exit 0; }
nr=0
failed=0
verdict() { # NAME OUTPUT
	nr=$((nr + 1))
	if [ -z "$2" ]; then
		echo "ok $nr - $1"
	else
		echo "not ok $nr - $1"
		echo "$2" | sed 's/^/# /'
		failed=1
	fi
}

echo 1..5
# shellcheck disable=SC2086
verdict "every source file names its licence in its first two lines" "$(
	for f in $files; do head -n 2 "$f" | grep -q 'SPDX-License-Identifier:' || echo "$f"; done
)"
verdict "the licence is the folder's" "$(
	for f in $files; do
		l=$(head -n 2 "$f" | sed -n 's/.*SPDX-License-Identifier: *//p' | sed 's, *\*/.*,,' | head -n 1)
		case $f in
		translator/bpf/*.bpf.c) want='GPL-2.0-only' ;;
		translator/bpf/*) want='GPL-2.0-only*LGPL-2.1-or-later*|GPL-2.0-only|LGPL-2.1-or-later' ;;
		include/*wire*) want='GPL-2.0-only WITH Linux-syscall-note' ;;
		include/* | translator/*) want='LGPL-2.1-or-later' ;;
		*) want='GPL-2.0-only' ;;
		esac
		case $f:$l in
		translator/bpf/*.h:*GPL-2.*) ;;
		*:"$want") ;;
		*) echo "$f: $l (want $want)" ;;
		esac
	done
)"
verdict "no source file over 600 lines" "$(
	for f in $files; do
		n=$(wc -l <"$f")
		[ "$n" -le 600 ] || echo "$f: $n"
	done
)"
# A function's body starts with { and ends with } in column 0.
verdict "no function over 80 lines" "$(
	for f in $(git ls-files '*.c' '*.h'); do
		awk -v f="$f" '/^{/ { from = NR } /^}/ && from {
			if (NR - from - 1 > 80) print f ":" from ": " NR - from - 1
			from = 0 }' "$f"
	done
)"
verdict "includes follow the arrows umh -> translator -> include, kmod -> include" "$(
	bad() { # ROOM PATTERN
		git ls-files "$1/*.c" "$1/*.h" | xargs -r grep -nE "#include [<\"]([./]*)($2)" /dev/null
	}
	bad include 'umh|translator|kmod|tests'
	bad translator 'umh|kmod|tests|\.\./umh'
	bad umh 'kmod|tests'
	bad kmod 'umh|translator|tests'
)"
exit $failed
