# SPDX-License-Identifier: GPL-2.0-only
# Traffic over each kind of device: namespaces a -KIND- b -veth- c, rules in b; sourced.
# Prints what senders saw and what the rules of b counted.

# Leaves the devices xd in a and b, with addresses.
link() { # KIND
	ip link add xu netns a type veth peer name xu netns b
	ip -n a link set xu up
	ip -n b link set xu up
	for side in a b; do
		number=$([ $side = a ] && echo 1 || echo 2)
		other=$((3 - number))
		case $1 in
		veth) ip -n $side link set xu down && ip -n $side link set xu name xd ;;
		vlan) ip -n $side link add xd link xu type vlan id 5 ;;
		bond)
			ip -n $side link add xd type bond mode active-backup
			ip -n $side link set xu down
			ip -n $side link set xu master xd
			ip -n $side link set xu up
			;;
		bridge)
			ip -n $side link add xd type bridge
			ip -n $side link set xu master xd
			;;
		macvlan) ip -n $side link add xd link xu type macvlan mode bridge ;;
		ipip)
			ip -n $side addr add 10.8.0.$number/24 dev xu
			ip -n $side link add xd type ipip local 10.8.0.$number remote 10.8.0.$other
			;;
		wireguard)
			ip -n $side addr add 10.8.0.$number/24 dev xu
			ip -n $side link add xd type wireguard
			wg genkey >/tmp/key.$side
			ip netns exec $side wg set xd listen-port 51820 private-key /tmp/key.$side
			;;
		vrf)
			if [ $side = a ]; then
				ip -n a link set xu down && ip -n a link set xu name xd
			else
				ip -n b link add xd type vrf table 10
				ip -n b link set xu master xd
				ip -n b addr add 10.9.0.2/24 dev xu
			fi
			;;
		esac
		[ "$1$side" = vrfb ] || ip -n $side addr add 10.9.0.$number/24 dev xd
		ip -n $side link set xd up
	done
	[ "$1" = wireguard ] || return 0
	for side in a b; do
		far=$([ $side = a ] && echo b || echo a)
		number=$([ $side = a ] && echo 2 || echo 1)
		ip netns exec $side wg set xd peer "$(wg pubkey </tmp/key.$far)" endpoint 10.8.0.$number:51820 \
			allowed-ips 0.0.0.0/0
	done
}

rules() {
	ip netns exec b iptables-legacy-restore <<'END'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:seen - [0:0]
-A INPUT -i xd -p icmp -m icmp --icmp-type 8 -j seen
-A INPUT -i xd -p udp -m udp --dport 5000:5010 -j DROP
-A INPUT -i xd -p udp -m multiport --dports 6000,6002 -j ACCEPT
-A INPUT -i xd -p tcp -m tcp --dport 81 -j DROP
-A INPUT -i xd -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT
-A INPUT -i xu -p icmp -j DROP
-A FORWARD -i xd -o bc -p udp -m udp --dport 7000 -j DROP
-A FORWARD -i xd -o bc -p icmp -j seen
-A FORWARD -i bc -o xd -j ACCEPT
-A OUTPUT -o xd -p icmp -j ACCEPT
-A OUTPUT -o xd -p udp -m udp --dport 9000 -j DROP
-A seen ! -s 10.9.0.9/32 -j RETURN
-A seen -j DROP
COMMIT
END
}

device() { # KIND
	for ns in a b c; do
		ip netns add $ns
		ip -n $ns link set lo up
		ip netns exec $ns sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000
		ip netns exec $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.conf.all.arp_ignore=1
	done
	ip link add bc netns b type veth peer name bc netns c
	ip -n b addr add 10.10.0.2/24 dev bc
	ip -n c addr add 10.10.0.3/24 dev bc
	ip -n b link set bc up
	ip -n c link set bc up
	ip netns exec b sysctl -qw net.ipv4.ip_forward=1
	link "$1"
	[ "$1" = vrf ] && ip -n b link set bc master xd
	ip -n a route add 10.10.0.0/24 via 10.9.0.2
	ip -n c route add 10.9.0.0/24 via 10.10.0.2
	wait_for 5 ip netns exec a ping -c 1 -W 1 10.9.0.2
	wait_for 5 ip netns exec a ping -c 1 -W 1 10.10.0.3
	sleep 0.3
	rules
	echo "restore $?"
	# Where TC decides, fragments are judged one by one, and senders get no EPERM.
	[ "$(links exact)" = exact ] && ip netns exec a ping -q -i 0.05 -c 3 -s 3000 -W 1 10.9.0.2 >/dev/null
	ip netns exec a sh -c '
		ping -q -i 0.05 -c 4 -W 1 10.9.0.2
		ping -q -i 0.05 -c 2 -W 1 10.10.0.3
		kmodtest udp 10.9.0.2 5003 5
		kmodtest udp 10.9.0.2 6002 3
		kmodtest tcp 10.9.0.2 81
		kmodtest tcp 10.9.0.2 82
		kmodtest udp 10.10.0.3 7000 4
		kmodtest udp 10.10.0.3 7001 2' | grep -v '^rtt\|^$\|^PING\|^---' | sed 's/, time.*//'
	[ "$1" = vrf ] || ip netns exec b sh -c 'kmodtest udp 10.9.0.1 9000 3; kmodtest udp 10.9.0.1 9001 1' |
		if [ "$(links exact)" = exact ]; then cat; else sed 's/EPERM/OK/'; fi
	ip netns exec b iptables-legacy-save -c | grep '^\['
	for ns in a b c; do
		ip netns del $ns
	done
}
