#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every real ruleset, whole and reduced, over every placement, as a table.
. "$(dirname "$0")/../lib/tap.sh"
need_root
[ -d "$CORPUS/v4" ] || skip_all "no corpus at $CORPUS (CORPUS=DIR)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

row() { # FILE EARLY: runs it, prints a row of the table; fails as difftest does
	case $1 in */v6/*) family=6 ;; *) family=4 ;; esac
	"$tools/difftest" --family=$family --whole --reduce --least=5 --packets="${PACKETS:-2000}" \
		--early="$2" --seed="${SEED:-42}" "$1" >"$log" 2>&1
	rc=$?
	awk -v name="${1##*/}" -v early="$2" -v rc=$rc '
		/rules kept/ { match($0, /[0-9]+ rules kept, [0-9]+ dropped/)
			split(substr($0, RSTART, RLENGTH), w, /[ ,]+/); kept = w[1]; dropped = w[4] }
		/# whole:/ { whole = $3 ~ /^accepted/ ? "accepted" : $3 ~ /^refused/ ? $5 " " $6 " " $8 : "WRONG" }
		/rules met/ { match($0, /[0-9]+ packets/); sent = substr($0, RSTART, RLENGTH)
			match($0, /[0-9]+ differences/); diff = substr($0, RSTART, RLENGTH) }
		END { if (rc == 5) diff = "fewer than 5 rules left"
			if (rc != 0 && rc != 5) diff = diff " status " rc
			printf "# %-52s %-5s %5s %5s  %-26s %-14s %s\n", name, early, kept, dropped, whole, sent, diff }' "$log"
	[ $rc = 0 ] || [ $rc = 5 ] || { grep -v 'rules kept\|Warning' "$log" | head -n 20; return 1; }
}

# shellcheck disable=SC2046
set -- $(ls "$CORPUS"/v4/*.rules "$CORPUS"/v6/*.rules)
echo "1..$#"
printf '# %-52s %-5s %5s %5s  %-26s %-14s %s\n' ruleset early kept gone 'whole: refused for' reduced differences
for f; do
	nr=$((nr + 1))
	bad=
	for early in ${EARLY:-off tc xdp}; do
		row "$f" "$early" || bad=1
	done
	if [ -z "$bad" ]; then
		echo "ok $nr - ${f##*/}"
	else
		echo "not ok $nr - ${f##*/}"
		failed=1
	fi
done
exit $failed
