# SPDX-License-Identifier: GPL-2.0-only
# Scenes for 45-odd.sh. Each plays in a network namespace of its own, once with the kernel's
# ip_tables and once with xtbpf, and prints the counters of its rules: they must be the same.
# Run as "sh FILE SCENE CLIENT...": CLIENT... goes before iptables-legacy.
set -eu
scene=$1
shift
clients=$*

ipt() { $clients iptables-legacy "$@"; }
ip6t() { $clients ip6tables-legacy "$@"; }
# counters of rules; the kernel's own chatter (MLD, router solicitations) is in policies only
show() {
	for f in "" 6; do
		$clients ip${f}tables-legacy-save -c | grep '^\[' | sed "s/^/v${f:-4} /" || true
	done
}
calm() { # the helper hears of devices and addresses by and by
	sleep 0.5
}
# pair DEV ADDR4 ADDR6 PEER4 PEER6 [MTU]: a veth whose other end, p, is in the namespace of $peer
pair() {
	ip link add "$1" mtu "${6:-1500}" type veth peer name p mtu "${6:-1500}" netns "$peer"
	ip addr add "$2/24" dev "$1"
	ip addr add "$3/64" dev "$1" nodad
	ip link set "$1" up
	nsenter -t "$peer" -n ip addr add "$4/24" dev p
	nsenter -t "$peer" -n ip addr add "$5/64" dev p nodad
	nsenter -t "$peer" -n ip link set p up
}
# another namespace: its process in $peer
other() {
	unshare -n sleep 60 &
	peer=$!
	i=0
	while [ "$(readlink /proc/$peer/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.02
	done
	nsenter -t $peer -n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
	nsenter -t $peer -n ip link set lo up
	peers="${peers:-} $peer"
}
# udp ADDR PORT BYTES COUNT: from here
udp() {
	perl -MSocket=:all -e '
		my ($to, $port, $size, $n) = @ARGV;
		my $six = $to =~ /:/;
		socket(S, $six ? PF_INET6 : PF_INET, SOCK_DGRAM, 0) or die;
		setsockopt(S, SOL_SOCKET, SO_SNDBUF, 1 << 20);
		my $a = $six ? sockaddr_in6($port, inet_pton(AF_INET6, $to)) : sockaddr_in($port, inet_aton($to));
		send(S, "x" x $size, 0, $a) for 1 .. $n' "$@"
}
from_peer() { nsenter -t "$peer" -n sh "$file" udp "$@"; }
file=$(dirname "$0")/$(basename "$0")

sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 2>/dev/null || true
peers=
trap 'for p in $peers; do kill $p; done' EXIT

case $scene in
udp)
	trap - EXIT
	udp $clients
	exit
	;;
rename) # rules hold for names, at the time of the packet
	ip link set lo up
	other
	pair eth5 10.1.0.1 fd01::1 10.1.0.2 fd01::2
	for t in ipt ip6t; do
		$t -A INPUT -i eth+ -p udp --dport 9 -j ACCEPT
		$t -A INPUT -i wan0 -p udp --dport 9 -j DROP
		$t -A INPUT ! -i eth5 -p udp --dport 9
		$t -A INPUT -i lan+ -p udp --dport 9
		$t -A OUTPUT -o lan+ -p udp --dport 9 -j DROP
		$t -A OUTPUT -o + -p udp --dport 9
	done
	calm
	from_peer 10.1.0.1 9 10 3
	from_peer fd01::1 9 10 3
	ip link set eth5 down
	ip link set eth5 name wan0
	ip link set wan0 up
	ip addr show dev wan0 | grep -q fd01::1 || ip addr add fd01::1/64 dev wan0 nodad
	calm
	from_peer 10.1.0.1 9 10 4
	from_peer fd01::1 9 10 4
	other
	pair lan7 10.2.0.1 fd02::1 10.2.0.2 fd02::2
	calm
	from_peer 10.2.0.1 9 10 5
	from_peer fd02::1 9 10 5
	udp 10.2.0.2 9 10 6 2>/dev/null
	udp 10.1.0.2 9 10 7
	udp fd02::2 9 10 6 2>/dev/null
	udp fd01::2 9 10 7
	;;
loopback)
	ip link set lo up
	for t in ipt ip6t; do
		$t -A INPUT -i lo -p udp --dport 9 -j ACCEPT
		$t -A INPUT -p udp --dport 10 ! -i lo -j DROP
		$t -A INPUT -p udp --dport 10 -j DROP
		$t -A OUTPUT -o lo -p udp --dport 9
		$t -A OUTPUT -o lo -p udp --dport 11 -j DROP
		$t -t raw -A PREROUTING -i lo -p udp
		$t -t mangle -A POSTROUTING -o lo -p udp
	done
	calm
	for a in 127.0.0.1 127.9.9.9 ::1; do
		udp $a 9 100 3
		udp $a 10 60000 2
		udp $a 11 10 1 || true
	done
	;;
tun) # no Ethernet header; whole, cut and fragmented packets
	ip link set lo up
	sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip tuntap add dev tun0 mode tun
	ip link set tun0 up
	ip addr add 10.3.0.1/24 dev tun0
	ip addr add fd03::1/64 dev tun0 nodad
	for t in ipt ip6t; do
		$t -A INPUT -i tun0 -p udp --dport 9 -j DROP
		$t -A INPUT -i tun0 -p tcp --dport 9 -j DROP
		$t -A INPUT -p udp
		$t -t raw -A PREROUTING -i tun+ -p udp
		$t -A FORWARD -i tun0 -o tun0 -p udp -j DROP
	done
	ipt -t raw -A PREROUTING -f -j ACCEPT
	ipt -t raw -A PREROUTING ! -f
	ipt -A INPUT -f
	calm
	perl -e '
		sub pack4 { my ($proto, $dst, $frag, $body) = @_;
			my $h = pack("C2n3C2na4a4", 0x45, 0, 20 + length $body, 7, $frag, 64, $proto, 0,
				pack("C4", 10, 3, 0, 2), pack("C4", @$dst));
			my $s = 0; $s += $_ for unpack("n*", $h); $s = ($s & 0xffff) + ($s >> 16) while $s >> 16;
			substr($h, 10, 2) = pack("n", ~$s & 0xffff); return $h . $body }
		sub pack6 { my ($next, $dst, $body) = @_;
			return pack("NnC2a16a16", 0x60000000, length $body, $next, 64,
				pack("n8", 0xfd03, 0, 0, 0, 0, 0, 0, 2), pack("n8", @$dst)) . $body }
		open T, "+<", "/dev/net/tun" or die; my $r = pack("a16s", "tun0", 0x1001);
		ioctl(T, 0x400454ca, $r) or die $!;
		my @us = (10, 3, 0, 1); my @us6 = (0xfd03, 0, 0, 0, 0, 0, 0, 1);
		my @far = (10, 3, 0, 9); my @far6 = (0xfd03, 0, 0, 0, 0, 0, 0, 9);
		my $udp = pack("n4", 5, 9, 24, 0) . "x" x 16;
		for my $p (pack4(17, \@us, 0, $udp), pack4(17, \@far, 0, $udp), pack4(17, \@us, 0, substr($udp, 0, 7)),
			pack4(6, \@us, 0, substr($udp, 0, 19)), pack4(6, \@us, 1, $udp),
			pack4(17, \@us, 1, substr($udp, 8)), pack4(17, \@us, 0x2000, substr($udp, 0, 8)),
			pack6(17, \@us6, $udp), pack6(17, \@far6, $udp), pack6(17, \@us6, substr($udp, 0, 7)),
			pack6(6, \@us6, substr($udp, 0, 19)), pack6(60, \@us6, pack("C8", 17, 0, 1, 4, 0, 0, 0, 0) . $udp),
			pack6(44, \@us6, pack("C2nN", 17, 0, 0, 5) . $udp)) {
			syswrite(T, $p) or die $!;
		}'
	;;
eui64) # from an Ethernet device, from loopback, and from a device that has no such header
	ip link set lo up
	other
	pair eth0 10.6.0.1 fd06::1 10.6.0.2 fd06::2
	mac=02:00:00:aa:bb:cc
	nsenter -t "$peer" -n ip link set p address $mac
	nsenter -t "$peer" -n ip addr add fd07::ff:feaa:bbcc/64 dev p nodad
	ip addr add fd07::1/64 dev eth0 nodad
	ip addr add fd08::200:ff:fe00:0/128 dev lo
	ip tuntap add dev tun0 mode tun
	ip link set tun0 up
	ip addr add fd03::1/64 dev tun0 nodad
	ip6t -A INPUT -p udp -m eui64 -j ACCEPT
	ip6t -A INPUT -p udp -j DROP
	calm
	from_peer fd06::1 9 10 3
	from_peer fd07::1 9 10 4
	udp ::1 9 10 2
	udp fd08::200:ff:fe00:0 9 10 2
	perl -e 'open T, "+<", "/dev/net/tun" or die; my $r = pack("a16s", "tun0", 0x1001);
		ioctl(T, 0x400454ca, $r) or die $!;
		syswrite(T, pack("NnC2n8n8n4", 0x60000000, 8, 17, 64, 0xfd03, (0) x 6, 2, 0xfd03, (0) x 6, 1,
			5, 9, 8, 0)) or die $!'
	;;
bridge | bridge-nf) # what a bridge passes on is ours only if bridge netfilter is on
	ip link set lo up
	ip link add br0 type bridge
	for f in ip ip6; do
		[ $scene = bridge-nf ] && on=1 || on=0
		echo $on >/proc/sys/net/bridge/bridge-nf-call-${f}tables
	done
	ip link set br0 up
	for n in 1 2; do
		other
		pair port$n 10.44.0.$n fd44::$n 10.4.0.$n fd04::$n
		ip addr flush dev port$n
		ip link set port$n master br0
		eval "peer$n=$peer"
	done
	ip addr add 10.4.0.100/24 dev br0
	ip addr add fd04::100/64 dev br0 nodad
	for t in ipt ip6t; do
		$t -A FORWARD -p udp -j DROP
		$t -t raw -A PREROUTING -p udp --dport 9
		$t -A INPUT -i br0 -p udp --dport 9 -j DROP
		$t -A INPUT -i port1 -p udp
	done
	calm
	# shellcheck disable=SC2154
	peer=$peer1
	from_peer 10.4.0.100 9 10 3
	from_peer fd04::100 9 10 3
	from_peer 10.4.0.2 9 10 4
	from_peer fd04::2 9 10 4
	# shellcheck disable=SC2154
	nsenter -t "$peer2" -n cat /proc/net/snmp | awk '/^Udp:/ { print "passed on:", $3 }' | tail -1
	nsenter -t "$peer2" -n cat /proc/net/snmp6 | awk '/^Udp6NoPorts/ { print "passed on:", $2 }'
	;;
jumbo)
	ip link set lo up
	other
	pair eth0 10.5.0.1 fd05::1 10.5.0.2 fd05::2 9000
	for t in ipt ip6t; do
		$t -A INPUT -p udp --dport 9 -j DROP
		$t -A INPUT -p udp --dport 10 -j ACCEPT
		$t -P INPUT DROP
		$t -I INPUT ! -p udp -j ACCEPT
	done
	calm
	for a in 10.5.0.1 fd05::1; do
		from_peer $a 9 8900 5
		from_peer $a 9 100 5
		from_peer $a 10 8900 3
		from_peer $a 10 20000 2
		from_peer $a 9 20000 2
	done
	;;
esac
calm
show | grep -v '! -p udp'
