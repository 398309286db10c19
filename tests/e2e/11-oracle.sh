#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The checks of blobs and the evaluator against the kernel's own ip_tables: damaged
# blobs get the same errno, random packets raise the same counters. XTBPF_RUN="xtbpf run --":
# only the packets, with xtbpf in the kernel's place (45-odd.sh).
. "$(dirname "$0")/../lib/tap.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -x "$tools/oracle" ] || skip_all "$tools/oracle is not built"
if [ -z "${ORACLE_NS:-}" ]; then
	ORACLE_NS=1 exec unshare -n sh "$0" "$@"
fi

network() { # everything is routed from eth0, the tool's tun device, to eth1
	ip link set lo up && ip tuntap add dev eth0 mode tun && ip link set eth0 group 1 up &&
		ip link add eth1 type veth peer name peer &&
		ip link set eth1 group 2 arp off && ip link set peer arp off &&
		ip link set peer up && ip link set eth1 up &&
		sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
			net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.eth0.rp_filter=0 &&
		ip route add 10.0.0.0/7 dev eth1 && ip -6 route add default dev eth1
	sleep 2 # IPv6 of eth1 is tentative first
}

plan $([ -n "${XTBPF_RUN:-}" ] && echo 2 || echo 3)
t "a network to forward through" network
[ -n "${XTBPF_RUN:-}" ] || t "damaged blobs: the kernel's errno and reachable hooks" \
	"$tools/oracle" blobs "${SEED:-1}" "${ROUNDS:-3000}"
t "random rulesets and packets: the kernel's counters" \
	${XTBPF_RUN:-} "$tools/oracle" packets "${SEED:-1}" "${ROUNDS:-300}"
exit $failed
