#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What xtbpf does, in a minute: "sudo make run". Restores a ruleset (RULES=FILE,
# or our own) with the unmodified iptables-legacy-restore into a scratch network
# namespace, sends traffic through it, and shows counters and what enforces them.
# Everything happens in namespaces of its own and is gone at the end.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
rules=${1:-$top/tests/rulesets/demo.rules}
early=${EARLY:-xdp}
case $rules in /*) ;; *) rules=$PWD/$rules ;; esac
[ -r "$rules" ] || { echo "demo: cannot read $rules" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "demo: needs root (sudo make run)" >&2; exit 3; }
if [ -z "${XTBPF_DEMO:-}" ]; then
	XTBPF_DEMO=1 exec unshare -m -n --propagation private sh "$0" "$rules"
fi
tool=iptables-legacy
one=10.1.0 two=10.2.0 bits=24 fam=4
if grep -qE '(^|[ ,])[0-9a-fA-F:]*::[0-9a-fA-F:]*(/| |$)|icmp6|ipv6-icmp' "$rules"; then
	tool=ip6tables-legacy
	one=fd01: two=fd02: bits=64 fam=6
fi
# a host's address in one of the two networks
at() { # NET HOST
	[ $fam = 4 ] && echo "$1.$2" || echo "$1:$2"
}
client=$(at $one 2) bad=$(at $one 66) box1=$(at $one 1) box2=$(at $two 1) server=$(at $two 2)

tmp=$(mktemp -d)
helper=
finish() {
	for p in $helper ${listeners:-}; do kill "$p" 2>/dev/null || :; done
	wait
	for n in client box server; do ip netns del $n 2>/dev/null || :; done
	umount /run/netns || :
	umount -l "$tmp/bpf" "$tmp" || :
	rmdir "$tmp"
}
trap finish EXIT
mount -t tmpfs tmpfs "$tmp"
mkdir "$tmp/bpf" "$tmp/run" "$tmp/netns"
mkdir -p /run/netns
mount -t bpf bpf "$tmp/bpf"
mount --bind "$tmp/netns" /run/netns
export XTBPF_BPFFS="$tmp/bpf/x" XTBPF_RUNDIR="$tmp/run" XTABLES_LOCKFILE="$tmp/lock"
export PATH="$top/build/bin:$PATH:/usr/sbin:/sbin"

say() {
	printf '\n== %s\n' "$*"
}
box() { # in the box's network namespace, with our mounts
	nsenter --net=/run/netns/box "$@"
}
serve() { # an iptables client in the box, served by xtbpf
	echo "\$ xtbpf run -- $*"
	box xtbpf run -- "$@"
}

say "a router (eth0 towards clients, eth1 towards a server), each in a network namespace"
for n in client box server; do
	ip netns add $n
	ip -n $n link set lo up
	ip netns exec $n sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
done
ip link add eth0 netns box type veth peer name eth0 netns client
ip link add eth1 netns box type veth peer name eth0 netns server
while read -r ns dev addr; do
	ip -n "$ns" addr add "$addr/$bits" dev "$dev" $([ $fam = 4 ] || echo nodad)
	ip -n "$ns" link set "$dev" up
done <<-END
	client eth0 $client
	client eth0 $bad
	box eth0 $box1
	box eth1 $box2
	server eth0 $server
END
ip -n client route add default via "$box1"
ip -n server route add default via "$box2"
box sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
echo "client $client and $bad -- $box1 box $box2 -- $server server"

xtbpfd --foreground --here --early="$early" >"$tmp/xtbpfd.log" 2>&1 &
helper=$!
i=0
while [ ! -S "$tmp/run/xtbpfd.sock" ]; do
	i=$((i + 1))
	[ $i -lt 50 ] && kill -0 $helper || { cat "$tmp/xtbpfd.log" >&2; exit 3; }
	sleep 0.1
done

say "rules: $rules"
if ! serve "$tool-restore" "$rules"; then
	say "refused: nothing was changed. What xtbpf why says:"
	box xtbpf why || :
	exit 1
fi

# perl: the smallest traffic generator that is everywhere
cat >"$tmp/listen.pl" <<'END'
use IO::Socket::IP; $| = 1;
my @l = map { IO::Socket::IP->new(LocalHost => '::', V6Only => 0, LocalPort => $_, Listen => 64, ReuseAddr => 1) } @ARGV;
while (1) { my $v = ''; vec($v, fileno($_), 1) = 1 for @l; select($v, undef, undef, undef);
	for (@l) { vec($v, fileno($_), 1) and my $c = $_->accept } }
END
cat >"$tmp/tcp.pl" <<'END'
use IO::Socket::IP; my ($from, $to, $port, $n) = @ARGV; my $ok = 0;
for (1 .. $n) { IO::Socket::IP->new(LocalHost => $from, PeerHost => $to, PeerPort => $port, Timeout => 0.2) and $ok++ }
printf "  tcp %-10s -> %s port %-4d %d of %d connected\n", $from, $to, $port, $ok, $n;
END
cat >"$tmp/udp.pl" <<'END'
use IO::Socket::IP; my ($from, $to, $port, $n) = @ARGV;
my $s = IO::Socket::IP->new(LocalHost => $from, PeerHost => $to, PeerPort => $port, Proto => 'udp');
$s->send('x' x 40) for 1 .. $n;
printf "  udp %-10s -> %s port %-4d %d sent\n", $from, $to, $port, $n;
END
listeners=
ip netns exec server perl "$tmp/listen.pl" 80 443 23 &
listeners="$listeners $!"
ip netns exec box perl "$tmp/listen.pl" 22 8080 &
listeners="$listeners $!"
sleep 0.5
say "traffic"
c() { # KIND FROM TO PORT COUNT: from the client
	kind=$1
	shift
	ip netns exec client perl "$tmp/$kind.pl" "$@" || :
}
c tcp "$client" "$server" 80 5
c tcp "$client" "$server" 443 5
c tcp "$client" "$server" 23 3
c tcp "$client" "$box1" 22 5
c tcp "$client" "$box1" 8080 3
c tcp "$bad" "$server" 80 3
c udp "$client" "$server" 53 10
c udp "$client" "$box1" 9999 1000
c udp "$bad" "$server" 53 1000

say "the rules with their counters"
serve "$tool" -L -v -n
say "what enforces them"
echo '$ xtbpf status'
box xtbpf status
say "the kernel's own ip_tables in the box"
names=$(box cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null || :)
if [ -z "$names" ]; then
	echo "holds no table: all of this was BPF"
else
	echo "holds tables, which should not be: $names"
	exit 1
fi
