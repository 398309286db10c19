#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# README's table of extensions says what the translator does. With --write: make it so.
cd "$(dirname "$0")/../.." || exit 1
# what iptables 1.8.9 ships (libxt_*, libipt_*, libip6t_*); state and NOTRACK are aliases
names="addrtype ah bpf cgroup cluster comment connbytes connlabel connlimit connmark conntrack cpu
dccp devgroup dscp dst ecn esp eui64 frag hashlimit hbh helper hl icmp icmp6 ipcomp iprange ipv6header
ipvs length limit mac mark mh multiport nfacct osf owner physdev pkttype policy quota rateest realm
recent rpfilter rt sctp set socket srh state statistic string tcp tcpmss time tos ttl u32 udp
AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DNPT DSCP ECN HL HMARK IDLETIMER
LED LOG MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK RATEEST REDIRECT REJECT SECMARK SET SNAT SNPT SYNPROXY
TCPMSS TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG"
note() { # what of a served extension is refused
	case $1 in
	devgroup) echo "; refused: with \`--attach=tc\`" ;;
	eui64) echo "; refused: with \`--attach=tc\`" ;;
	bpf) echo "; refused: pinned programs, ancillary loads, negative offsets" ;;
	string) echo "; refused: --algo fsm" ;;
	esac
}
table() {
	echo "| extension | |"
	echo "|---|---|"
	for n in $names; do
		if grep -qs "\.name = \"$n\",$" translator/match/*.c translator/target/*.c; then
			echo "| $n | exact$(note "$n") |"
		else
			why=$(sed -n "s/^	{ \"$n\", \"\(.*\)\" },\$/\1/p" translator/refused.c)
			echo "| $n | refused: ${why:-not there yet} |"
		fi
	done
}
begin="<!-- extensions: made by tests/lint/extensions.sh --write -->"
end="<!-- end of extensions -->"
if [ "${1:-}" = --write ]; then
	table >README.table
	awk -v b="$begin" -v e="$end" '$0 == b { print; while ((getline l < "README.table") > 0) print l; skip = 1 }
		$0 == e { skip = 0 } !skip && $0 != b' README.md >README.new && cat README.new >README.md
	rm -f README.new README.table
	exit
fi
echo 1..1
if [ "$(table)" = "$(sed -n "\|^$begin\$|,\|^$end\$|p" README.md | sed '1d;$d')" ]; then
	echo "ok 1 - README's table of extensions is that of the translator"
else
	echo "not ok 1 - README's table of extensions is that of the translator"
	echo "# run: sh tests/lint/extensions.sh --write"
	exit 1
fi
