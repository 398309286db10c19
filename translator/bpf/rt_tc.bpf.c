// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runtime of deciding programs at TC, for kernels without netfilter links. An
 * approximation, and the plan says so: which chain a packet belongs to is judged
 * from addresses and a route lookup, and where that leaves a doubt, by the likelier
 * answer. Each function fills the key and returns XTBPF_PATH_*; XTBPF_PATH_NONE: this
 * packet meets none of our chains here. All are hidden, so static once linked.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "env_maps.h"
#include "parse.h"

char _license[] SEC("license") = "GPL";

#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define PACKET_OTHERHOST 3

/* n bytes of the packet from its IP header on; 0 when they are all there */
static __always_inline int read_at(struct __sk_buff *skb, __u32 at, void *to, __u32 n)
{
	return bpf_skb_load_bytes_relative(skb, at, to, n, BPF_HDR_START_NET);
}

static __always_inline void options(struct __sk_buff *skb, struct xtbpf_key *key, __u32 thoff,
				    __u32 left, __u8 doff, __u32 flags)
{
	struct tcp_options o = {};
	__u32 n = doff * 4u;

	if (n < TCP_HEADER) {
		key->l4 |= XTBPF_L4_BADOPT;
		return;
	}
	if (n == TCP_HEADER)
		return;
	n = opaque(n - TCP_HEADER);
	if (n > TCP_OPTIONS || left - TCP_HEADER < n ||
	    read_at(skb, thoff + TCP_HEADER, o.byte, n)) {
		key->l4 |= XTBPF_L4_BADOPT;
		return;
	}
	o.len = n;
	if (flags & XTBPF_PARSE_OPTIONS) {
		xtbpf_tcp_options(&o);
		__builtin_memcpy(key->tcpopt, o.set, sizeof(key->tcpopt));
	}
	if (flags & XTBPF_PARSE_MSS)
		key->mss = (__u32)xtbpf_tcp_mss(&o);
}

/* The bytes at thoff, and what -m tcpmss finds there: of later fragments, too. */
static __always_inline void head(struct __sk_buff *skb, struct xtbpf_key *key, __u32 thoff,
				 __u32 flags)
{
	__u32 left = key->len > thoff ? key->len - thoff : 0;
	__u32 n = head_size(left);

	key->thoff = thoff;
	key->mss = XTBPF_MSS_NONE;
	if (n && !read_at(skb, thoff, key->head, n))
		key->have = n;
	if (flags & XTBPF_PARSE_MSS && key->have >= TCP_HEADER && key->proto == IPPROTO_TCP)
		options(skb, key, thoff, left, key->head[12] >> 4, flags);
}

static __always_inline void transport(struct __sk_buff *skb, struct xtbpf_key *key, __u32 thoff,
				      __u32 flags)
{
	__u32 left = key->len > thoff ? key->len - thoff : 0;
	__u8 h[TCP_HEADER] = {};

	key->l4 |= l4_short(left);
	if (left < 4)
		return;
	if (key->proto != IPPROTO_TCP || left < TCP_HEADER) {
		if (!read_at(skb, thoff, h, 4))
			l4_fields(key, h);
		return;
	}
	if (read_at(skb, thoff, h, TCP_HEADER))
		return;
	l4_fields(key, h);
	key->tcp_flags = h[13];
	/* With XTBPF_PARSE_MSS head() has done it. */
	if (flags & XTBPF_PARSE_OPTIONS && !(flags & XTBPF_PARSE_MSS))
		options(skb, key, thoff, left, h[12] >> 4, flags);
}

/* What is not in the packet's bytes. The groups of devices cannot be seen here. */
static __always_inline void around(struct __sk_buff *skb, const struct xtbpf_dev *dev,
				   struct xtbpf_key *key, __u32 flags, _Bool multicast)
{
	if (flags & XTBPF_PARSE_LINK) {
		key->pkttype = pkttype((__u8)skb->pkt_type, multicast);
		if (dev->flags & XTBPF_DEV_ETHER &&
		    !bpf_skb_load_bytes_relative(skb, 6, key->mac, 6, BPF_HDR_START_MAC))
			key->has_mac = 1;
	}
	if (flags & XTBPF_PARSE_CPU)
		key->cpu = bpf_get_smp_processor_id();
}

/* Bytes from the IP header on, as far as the frame goes. */
static __always_inline __u32 l3_len(struct __sk_buff *skb, const struct xtbpf_dev *dev)
{
	__u32 l2 = dev->flags & XTBPF_DEV_ETHER ? ETH_HLEN : 0;

	return skb->len > l2 ? skb->len - l2 : 0;
}

/* 0, or -1 for what the kernel's ip_rcv would not take */
static __always_inline int fill4(struct __sk_buff *skb, const struct xtbpf_dev *dev,
				 struct xtbpf_key *key, struct iphdr *ip, __u32 flags)
{
	__u16 offset;

	if (read_at(skb, 0, ip, sizeof(*ip)) || ip->version != 4 || ip->ihl < 5)
		return -1;
	/* 0: longer than the field can say (BIG TCP) */
	key->len = ip->tot_len ? bpf_ntohs(ip->tot_len) : l3_len(skb, dev);
	key->saddr[0] = ip->saddr;
	key->daddr[0] = ip->daddr;
	key->proto = ip->protocol;
	offset = bpf_ntohs(ip->frag_off) & IP_OFFSET;
	if (flags & XTBPF_PARSE_IP) {
		key->iplen = key->len;
		key->tos = ip->tos;
		key->ttl = ip->ttl;
	}
	around(skb, dev, key, flags, is_multicast4(ip->daddr));
	if (flags & XTBPF_PARSE_HEAD) {
		key->fragoff = offset;
		head(skb, key, ip->ihl * 4u, flags);
	}
	if (!offset) {
		transport(skb, key, ip->ihl * 4u, flags);
		return 0;
	}
	key->frag = 1;
	key->l4 |= offset == 1 ? XTBPF_L4_FRAG | XTBPF_L4_FRAG1 : XTBPF_L4_FRAG;
	return 0;
}

/* One extension header; 1: the walk is over. */
static long ext_step(__u32 index, struct ext_walk *w)
{
	__u8 h[4] = {};
	__u32 n = ext_wants4(w->next) ? 4 : 2;

	if (ext_ends(w))
		return 1;
	if (read_at(w->pkt, w->at, h, n)) {
		w->bad = 1;
		return 1;
	}
	return w->next == EXT_FRAGMENT ? ext_fragment(w, h) : ext_other(w, h);
}

static __always_inline int fill6(struct __sk_buff *skb, const struct xtbpf_dev *dev,
				 struct xtbpf_key *key, struct ipv6hdr *ip, __u32 flags)
{
	struct ext_walk w = { .pkt = skb, .at = sizeof(*ip) };

	if (read_at(skb, 0, ip, sizeof(*ip)) || ip->version != 6)
		return -1;
	key->len = ip->payload_len ? bpf_ntohs(ip->payload_len) + (__u32)sizeof(*ip)
				   : l3_len(skb, dev);
	__builtin_memcpy(key->saddr, &ip->saddr, sizeof(key->saddr));
	__builtin_memcpy(key->daddr, &ip->daddr, sizeof(key->daddr));
	if (flags & XTBPF_PARSE_IP) {
		key->iplen = key->len;
		key->tos = (__u8)(bpf_ntohs(*(const __u16 *)ip) >> 4);
		key->ttl = ip->hop_limit;
	}
	around(skb, dev, key, flags, is_multicast6(key->daddr));
	w.next = ip->nexthdr;
	if (is_ext(w.next))
		bpf_loop(MAX_EXT, ext_step, &w, 0);
	if (w.bad) {
		key->l4 = XTBPF_L4_NONE_DROP;
		return 0;
	}
	key->proto = w.next;
	if (flags & XTBPF_PARSE_HEAD) {
		key->fragoff = w.fragoff;
		/* ipv6_find_hdr says no place for what is behind a later fragment's header. */
		head(skb, key, w.fragoff ? 0 : w.at, flags);
	}
	if (!w.fragoff) {
		transport(skb, key, w.at, flags);
		return 0;
	}
	key->frag = 1;
	key->l4 |= XTBPF_L4_FRAG;
	return 0;
}

/* The device a packet would be forwarded to; 0: it would not. */
static __always_inline __u32 forward(struct __sk_buff *skb, struct bpf_fib_lookup *fib)
{
	long r;

	fib->ifindex = skb->ifindex;
	r = bpf_fib_lookup(skb, fib, sizeof(*fib), 0);
	/* FRAG_NEEDED: the kernel asks FORWARD before it looks at the size of a GSO packet */
	if (r == BPF_FIB_LKUP_RET_SUCCESS || r == BPF_FIB_LKUP_RET_NO_NEIGH ||
	    r == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return fib->ifindex;
	return 0;
}

static __always_inline int forwarded(struct __sk_buff *skb, struct bpf_fib_lookup *fib,
				     struct xtbpf_key *key, __u8 ttl)
{
	__u32 out = ttl > 1 ? forward(skb, fib) : 0;
	const struct xtbpf_dev *dev = out ? bpf_map_lookup_elem(&env_dev, &out) : 0;

	if (!out)
		return XTBPF_PATH_NONE;
	if (dev) {
		key->out[0] = dev->name[0];
		key->out[1] = dev->name[1];
	}
	key->ttl--; /* ip_forward and ip6_forward do before FORWARD is asked */
	return XTBPF_PATH_FORWARD;
}

static __always_inline int path4(struct __sk_buff *skb, const struct xtbpf_dev *dev,
				 struct xtbpf_key *key, const struct iphdr *ip)
{
	struct bpf_fib_lookup fib = {
		.family = AF_INET,
		.l4_protocol = ip->protocol,
		.tos = ip->tos & 0x1c,
		.ipv4_src = ip->saddr,
		.ipv4_dst = ip->daddr,
	};

	/* What ip_rcv and the routing of any host refuse before netfilter is asked. */
	if (key->len > l3_len(skb, dev) || key->len < ip->ihl * 4u ||
	    (ip->ihl == 5 && !header_sum_good(ip)) || is_multicast4(ip->saddr) ||
	    is_broadcast4(ip->saddr))
		return XTBPF_PATH_NONE;
	if (is_multicast4(ip->daddr) || is_broadcast4(ip->daddr))
		return XTBPF_PATH_INPUT;
	switch (env_route4(ip->daddr)) {
	case XTBPF_RT_LOCAL:
	case XTBPF_RT_BROADCAST:
		return XTBPF_PATH_INPUT;
	case XTBPF_RT_NONE:
		break;
	default:
		if (!(dev->flags & XTBPF_DEV_FWD4) || !forward(skb, &fib))
			return XTBPF_PATH_INPUT;
		fib.ipv4_src = ip->saddr; /* the lookup writes its answer over the question */
		fib.ipv4_dst = ip->daddr;
		fib.tos = ip->tos & 0x1c;
		fib.tot_len = 0;
	}
	if (!(dev->flags & XTBPF_DEV_FWD4))
		return XTBPF_PATH_NONE;
	return forwarded(skb, &fib, key, ip->ttl);
}

static __always_inline int path6(struct __sk_buff *skb, const struct xtbpf_dev *dev,
				 struct xtbpf_key *key, const struct ipv6hdr *ip)
{
	struct bpf_fib_lookup fib = {
		.family = AF_INET6,
		.l4_protocol = ip->nexthdr,
		.flowinfo = *(const __u32 *)ip & bpf_htonl(0x0fffffff),
	};

	if (key->len > l3_len(skb, dev) || is_multicast6(key->saddr))
		return XTBPF_PATH_NONE;
	if (is_multicast6(key->daddr) || is_linklocal6(key->daddr) ||
	    env_route6(key->daddr) != XTBPF_RT_NONE)
		return XTBPF_PATH_INPUT;
	if (!(dev->flags & XTBPF_DEV_FWD6))
		return XTBPF_PATH_NONE;
	__builtin_memcpy(fib.ipv6_src, key->saddr, sizeof(fib.ipv6_src));
	__builtin_memcpy(fib.ipv6_dst, key->daddr, sizeof(fib.ipv6_dst));
	return forwarded(skb, &fib, key, ip->hop_limit);
}

/*
 * Does it belong to a VLAN? Then it is no IP packet here, but on the VLAN's own device
 * (net/core/dev.c, __netif_receive_skb_core); number 0 only carries a priority.
 */
static __always_inline int is_tagged(const struct __sk_buff *skb)
{
	return skb->vlan_present && skb->vlan_tci & 0xfff;
}

static __always_inline const struct xtbpf_dev *device(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;

	return bpf_map_lookup_elem(&env_dev, &ifindex);
}

__hidden __noinline int xtbpf_tc_in4(struct __sk_buff *skb, struct xtbpf_key *key, __u32 flags)
{
	const struct xtbpf_dev *dev = device(skb);
	struct iphdr ip;

	__builtin_memset(key, 0, sizeof(*key));
	if (!dev || skb->protocol != bpf_htons(ETH_P_IP) || skb->pkt_type == PACKET_OTHERHOST ||
	    is_tagged(skb))
		return XTBPF_PATH_NONE;
	key->in[0] = dev->name[0];
	key->in[1] = dev->name[1];
	if (fill4(skb, dev, key, &ip, flags))
		return XTBPF_PATH_NONE;
	return path4(skb, dev, key, &ip);
}

__hidden __noinline int xtbpf_tc_in6(struct __sk_buff *skb, struct xtbpf_key *key, __u32 flags)
{
	const struct xtbpf_dev *dev = device(skb);
	struct ipv6hdr ip;

	__builtin_memset(key, 0, sizeof(*key));
	if (!dev || skb->protocol != bpf_htons(ETH_P_IPV6) || skb->pkt_type == PACKET_OTHERHOST ||
	    is_tagged(skb))
		return XTBPF_PATH_NONE;
	key->in[0] = dev->name[0];
	key->in[1] = dev->name[1];
	if (fill6(skb, dev, key, &ip, flags))
		return XTBPF_PATH_NONE;
	return path6(skb, dev, key, &ip);
}

/* Sent by this host's IP stack: not forwarded, not by a packet socket. */
static __always_inline int is_output(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	return !skb->ingress_ifindex && !(sk && sk->family == AF_PACKET);
}

__hidden __noinline int xtbpf_tc_eg4(struct __sk_buff *skb, struct xtbpf_key *key, __u32 flags)
{
	const struct xtbpf_dev *dev = device(skb);
	struct iphdr ip;

	__builtin_memset(key, 0, sizeof(*key));
	if (!dev || skb->protocol != bpf_htons(ETH_P_IP) || !is_output(skb) || is_tagged(skb))
		return XTBPF_PATH_NONE;
	key->out[0] = dev->name[0];
	key->out[1] = dev->name[1];
	return fill4(skb, dev, key, &ip, flags) ? XTBPF_PATH_NONE : XTBPF_PATH_OUTPUT;
}

__hidden __noinline int xtbpf_tc_eg6(struct __sk_buff *skb, struct xtbpf_key *key, __u32 flags)
{
	const struct xtbpf_dev *dev = device(skb);
	struct ipv6hdr ip;

	__builtin_memset(key, 0, sizeof(*key));
	if (!dev || skb->protocol != bpf_htons(ETH_P_IPV6) || !is_output(skb) || is_tagged(skb))
		return XTBPF_PATH_NONE;
	key->out[0] = dev->name[0];
	key->out[1] = dev->name[1];
	return fill6(skb, dev, key, &ip, flags) ? XTBPF_PATH_NONE : XTBPF_PATH_OUTPUT;
}
