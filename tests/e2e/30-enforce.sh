#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Gates, links, pins, early drop's conditions, devices and namespaces that come and go.
# shellcheck disable=SC1091,SC2010,SC2012,SC2154,SC2329,SC2317
. "$(dirname "$0")/../lib/tap.sh"

[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -x "$B/bin/xtbpf" ] || skip_all "$B/bin/xtbpf is not built"
private "$@"

box=enforce-box-$$
peer=enforce-peer-$$
ip netns add $box
ip netns add $peer
# shellcheck disable=SC2317
finish() {
	ip netns del $box 2>/dev/null
	ip netns del $peer 2>/dev/null
	private_end
}
trap finish EXIT

in_box() { nsenter --net=/run/netns/$box "$@"; }
in_peer() { nsenter --net=/run/netns/$peer "$@"; }
xb() { in_box "$B/bin/xtbpf" run -- "$@"; }
pins() { echo "$XTBPF_BPFFS"/*; }
counts() { # of INPUT's first rule: packets, bytes
	xb iptables-legacy -L INPUT -v -n -x | awk 'NR == 3 { print $1, $2 }'
}
counted() { # PACKETS BYTES: and zero it
	got=$(counts)
	xb iptables-legacy -Z INPUT
	[ "$got" = "$1 $2" ] || { echo "counted $got, not $1 $2"; return 1; }
}
udp() { # N: datagrams of 31 bytes, frame headers not counted, to a port that is dropped
	i=0
	while [ $i -lt "$1" ]; do
		in_peer bash -c 'echo hi >/dev/udp/10.1.0.1/1500'
		i=$((i + 1))
	done
}
drops() { # xdp or tc
	"$B/bin/xtbpf" status -j | tr -d ' \n' | sed "s/.*\"$1_drops\":\([0-9]*\).*/\1/"
}
flag() { # DEVICE: is early drop of IPv4 allowed there?
	in_box bpftool -j map dump pinned "$(pins)/env_dev" |
		perl -MJSON::PP -e '
			for my $e (@{decode_json(<STDIN>)}) {
				my @v = map { hex } @{$e->{value}};
				my $name = join "", map { $_ ? chr : "" } @v[0 .. 15];
				print $v[22] & 1, "\n" if $name eq $ARGV[0];
			}' "$1"
}
becomes() { # WANT COMMAND...: within two seconds
	want=$1
	shift
	i=0
	while [ "$("$@")" != "$want" ]; do
		i=$((i + 1))
		[ $i -lt 20 ] || { echo "$* says $("$@"), not $want"; return 1; }
		sleep 0.1
	done
}
links() { in_box bpftool link show pinned "$1" | sed -n 's/^\([0-9]*\):.*/\1/p'; }
stop() { # SIGNAL
	kill "-$1" "$helper"
	wait "$helper"
	rm -f "$tmp/run/xtbpfd.sock"
}
gates() { # DEVICE: kinds of links on it
	"$B/bin/xtbpf" status -j | perl -MJSON::PP -e '
		local $/ = undef;
		my $s = decode_json(<STDIN>);
		for my $n (@{$s->{namespaces}}) {
			for my $d (@{$n->{enforce}{devices}}) {
				print join(",", map { $_->{link} } @{$d->{gates}}), "\n"
					if $d->{name} eq $ARGV[0];
			}
		}' "$1"
}
is() { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }

in_box ip link set lo up
in_box ip link add c0 type veth peer name c1 netns $peer
in_box ip link set c0 up
in_peer ip link set c1 up
in_box ip addr add 10.1.0.1/24 dev c0
in_peer ip addr add 10.1.0.2/24 dev c1
in_box ip link add br0 type bridge

helper_start --early=tc
plan 26

# ---- deciding ----
drop_udp() { xb iptables-legacy -A INPUT -p udp --dport 1000:2000 -j DROP; }
t "a rule is taken" drop_udp
in_box sleep 2 # addresses settle: while they change there is no early drop
t "links of INPUT, FORWARD, OUTPUT are pinned" test -e "$(pins)/link_nf_16" -a \
	-e "$(pins)/link_nf_17" -a -e "$(pins)/link_nf_18"
nf=$(links "$(pins)/link_nf_16")

# ---- early drop ----
t "early drop is allowed on c0" becomes 1 flag c0
udp 5
t "dropped at TC" is "$(drops tc)" 5
t "and counted in full" counted 5 155
in_box ip rule add fwmark 1 lookup 100
t "an ip rule withdraws it" becomes 0 flag c0
udp 5
t "then the netfilter hook drops" is "$(drops tc)" 5
t "and counts" counted 5 155
in_box ip rule del fwmark 1 lookup 100
t "it comes back" becomes 1 flag c0
in_box nft add table ip other
t "an nf_tables table withdraws it" becomes 0 flag c0
in_box nft delete table ip other
t "and it comes back" becomes 1 flag c0

# ---- devices ----
in_box ip link add v0 type veth peer name v1 netns $peer
t "a new device gets its gate" becomes tcx gates v0
in_box ip link set v0 name v.2
t "a renamed one keeps it" becomes tcx gates v.2
in_box ip link set v.2 master br0
t "a bridge port loses it" becomes "" gates v.2
in_box ip link del v.2

# ---- death and restart ----
udp 3
stop KILL
udp 4
t "rules stay in force without the helper" is "$(ls "$(pins)" | grep -c cnt_4_filter)" 1
bpftool map create "$(pins)/cnt_4_filter_999" type array key 4 value 16 entries 4 name x
helper_start --early=tc
t "a restarted helper finds the counters" is "$(counts)" "7 217"
t "and the same links" is "$(links "$(pins)/link_nf_16")" "$nf"
t "what never became current is gone" test ! -e "$(pins)/cnt_4_filter_999"
stop TERM
helper_start --early=off
becomes 0 flag c0 >/dev/null
xb iptables-legacy -Z
before=$(drops tc)
udp 2
t "other options: early drop is off, rules as before" is "$(counts) $(drops tc)" "2 62 $before"
stop TERM

# ---- others' programs ----
echo '__attribute__((section("xdp"))) int foreign(void *ctx) { return 2; }' |
	clang-14 -target bpf -O2 -c -x c -o "$tmp/foreign.o" -
bpftool prog load "$tmp/foreign.o" "$tmp/bpf/foreign" type xdp
in_box bpftool net attach xdpdrv pinned "$tmp/bpf/foreign" dev c0
xdp_id() { in_box ip link show c0 | sed -n 's/.*prog.xdp id \([0-9]*\).*/\1/p'; }
theirs=$(xdp_id)
helper_start --early=xdp
t "where somebody else has XDP, TC drops early" becomes tcx gates c0
t "and his program stays" is "$(xdp_id)" "$theirs"

# ---- old programs go ----
replace() { xb iptables-legacy -R INPUT 1 -p udp --dport "1000:200$1" -j DROP; }
held() { # descriptors of programs and maps, and different programs in the slots
	find "/proc/$helper/fd" -lname 'anon_inode:bpf-*' | wc -l
	bpftool map dump pinned "$(pins)/slots_nf" | sed -n 's/.*value: //p' | sort -u | wc -l
}
replace 1
before=$(held)
for i in 2 3 4 5 6 7 8 9; do replace $i; done
t "replaces leave nothing of the old tables behind" is "$(held)" "$before"

# ---- namespaces ----
ip netns del $box
gone() { ls "$XTBPF_BPFFS" | wc -l; }
gone_soon() {
	for i in 1 2 3 4 5 6; do
		[ "$(gone)" = 0 ] && return 0
		sleep 2
	done
	ls "$XTBPF_BPFFS"
	return 1
}
t "a namespace that nobody uses is let go" gone_soon
ip netns add $box
in_box ip link set lo up
in_box nft add table ip o
in_box nft add chain ip o a '{ type filter hook input priority 0; policy accept; }'
in_box nft add chain ip o b '{ type filter hook input priority 1; policy accept; }'
drop_udp
t "a priority that others have: the next one" sh -c \
	"'$B/bin/xtbpf' status | grep -q 'INPUT.*priority 2'"
in_box bash -c 'echo hi >/dev/udp/127.0.0.1/1500'
t "and it decides there" counted 1 31
stop KILL
ip netns del $box
helper_start
t "also when that happened without the helper" gone_soon
exit $failed
