/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file early.h
 * What early drop at XDP and at TC ingress have in common: which packets are
 * simple enough to be judged there, and when a drop is sure. "Sure": the kernel
 * would have taken the packet through exactly the chains that were evaluated (INPUT or
 * FORWARD and what comes before), and would have done nothing else with it that somebody
 * could notice. Anything else passes and is left to the deciding hook.
 */
#ifndef XTBPF_EARLY_H
#define XTBPF_EARLY_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "env_maps.h"
#include "parse.h"

#define AF_INET 2
#define AF_INET6 10
#define FRAGMENT 0x3fff /* more fragments, or an offset */
#define TCP_SYN 0x02
#define DHCP_CLIENT 68 /* raw sockets listen to it behind our back */

/**
 * struct frame - a packet as the hook has it
 * @l3, @end: bytes of the IP header on that can be read at once
 * @len: bytes from the IP header on, whether they can be read or not
 * @wire: seen before GRO, which may merge it with others
 */
struct frame {
	const void *l3, *end;
	const struct xtbpf_dev *dev;
	const struct ethhdr *eth;
	__u32 len;
	__u32 ifindex;
	__u32 wire;
};

/* The bytes at p; shorter ones than the key has room for are left to the deciding hook. */
static __always_inline int early_head(const struct frame *f, struct xtbpf_key *key, const __u8 *p,
				      __u32 left)
{
	if (left < sizeof(key->head) || (const void *)(p + sizeof(key->head)) > f->end)
		return 0;
	__builtin_memcpy(key->head, p, sizeof(key->head));
	key->have = sizeof(key->head);
	key->thoff = (__u32)((const void *)p - f->l3);
	key->mss = XTBPF_MSS_NONE;
	return 1;
}

/* Frame and type of a packet that is for us: whose is not will not be dropped here. */
static __always_inline int early_link(const struct frame *f, struct xtbpf_key *key, __u32 flags)
{
	if (!(flags & XTBPF_PARSE_LINK))
		return 1;
	if (!f->eth || (const void *)(f->eth + 1) > f->end)
		return 0;
	__builtin_memcpy(key->mac, f->eth->h_source, sizeof(key->mac));
	key->has_mac = 1;
	return 1;
}

/* Transport fields into the key; 0 when the packet is not for early drop. */
static __always_inline int early_transport(const struct frame *f, struct xtbpf_key *key,
					   const __u8 *p, __u32 left, __u32 flags)
{
	const void *end = f->end;

	key->l4 = l4_short(left);
	if (flags & XTBPF_PARSE_HEAD && !early_head(f, key, p, left))
		return 0;
	if (left < 4)
		return 1;
	if ((const void *)(p + 4) > end)
		return 0;
	l4_fields(key, p);
	if (key->proto == IPPROTO_UDP && key->dport == DHCP_CLIENT)
		return 0;
	if (key->proto != IPPROTO_TCP || left < TCP_HEADER)
		return 1;
	if ((const void *)(p + TCP_HEADER) > end)
		return 0;
	key->tcp_flags = p[13];

	__u32 header = (p[12] >> 4) * 4u;

	if (flags & (XTBPF_PARSE_OPTIONS | XTBPF_PARSE_MSS) && header != TCP_HEADER)
		return 0;
	/* GRO makes one packet of several that carry data, and that is counted. */
	if (f->wire && left > header && !(key->tcp_flags & TCP_SYN))
		return 0;
	return 1;
}

static __always_inline int early_parse4(const struct frame *f, struct xtbpf_key *key, __u32 flags)
{
	const struct iphdr *ip = f->l3;

	if ((const void *)(ip + 1) > f->end || !(f->dev->flags & XTBPF_DEV_EARLY4))
		return XTBPF_PATH_NONE;
	if (ip->version != 4 || ip->ihl != 5 || ip->frag_off & bpf_htons(FRAGMENT))
		return XTBPF_PATH_NONE;

	__u32 total = bpf_ntohs(ip->tot_len);

	if (total < sizeof(*ip) || total > f->len)
		return XTBPF_PATH_NONE;
	key->saddr[0] = ip->saddr;
	key->daddr[0] = ip->daddr;
	key->in[0] = f->dev->name[0];
	key->in[1] = f->dev->name[1];
	key->len = total;
	key->proto = ip->protocol;
	if (flags & XTBPF_PARSE_IP) {
		key->iplen = total;
		key->tos = ip->tos;
		key->ttl = ip->ttl;
	}
	if (!early_link(f, key, flags))
		return XTBPF_PATH_NONE;
	if (!early_transport(f, key, (const __u8 *)(ip + 1), total - sizeof(*ip), flags))
		return XTBPF_PATH_NONE;

	if (is_multicast4(ip->daddr) || is_broadcast4(ip->daddr) || is_loopback4(ip->daddr) ||
	    is_zeronet4(ip->daddr))
		return XTBPF_PATH_NONE;
	switch (env_route4(ip->daddr)) {
	case XTBPF_RT_LOCAL:
		return XTBPF_PATH_INPUT;
	case XTBPF_RT_NONE:
		return f->dev->flags & XTBPF_DEV_FWD4 ? XTBPF_PATH_FORWARD : XTBPF_PATH_NONE;
	}
	return XTBPF_PATH_NONE;
}

static __always_inline int early_parse6(const struct frame *f, struct xtbpf_key *key, __u32 flags)
{
	const struct ipv6hdr *ip = f->l3;

	if ((const void *)(ip + 1) > f->end || !(f->dev->flags & XTBPF_DEV_EARLY6))
		return XTBPF_PATH_NONE;
	if (ip->version != 6)
		return XTBPF_PATH_NONE;
	switch (ip->nexthdr) { /* only what is surely no extension header */
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_ICMPV6:
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		break;
	default:
		return XTBPF_PATH_NONE;
	}

	__u32 payload = bpf_ntohs(ip->payload_len);

	if (!payload || payload + sizeof(*ip) > f->len)
		return XTBPF_PATH_NONE;
	__builtin_memcpy(key->saddr, &ip->saddr, sizeof(key->saddr));
	__builtin_memcpy(key->daddr, &ip->daddr, sizeof(key->daddr));
	key->in[0] = f->dev->name[0];
	key->in[1] = f->dev->name[1];
	key->len = payload + sizeof(*ip);
	key->proto = ip->nexthdr;
	if (flags & XTBPF_PARSE_IP) {
		key->iplen = key->len;
		key->tos = (__u8)(bpf_ntohs(*(const __u16 *)ip) >> 4);
		key->ttl = ip->hop_limit;
	}
	if (!early_link(f, key, flags))
		return XTBPF_PATH_NONE;
	if (!early_transport(f, key, (const __u8 *)(ip + 1), payload, flags))
		return XTBPF_PATH_NONE;

	if (is_multicast6(key->daddr) || is_linklocal6(key->daddr) || is_special6(key->daddr))
		return XTBPF_PATH_NONE;
	switch (env_route6(key->daddr)) {
	case XTBPF_RT_LOCAL:
		return XTBPF_PATH_INPUT;
	case XTBPF_RT_NONE:
		/* 133 to 137, neighbour discovery: a proxy takes it in (ip6_forward_proxy_check) */
		if (key->proto == IPPROTO_ICMPV6 && key->icmp >> 8 >= 133 && key->icmp >> 8 <= 137)
			return XTBPF_PATH_NONE;
		return f->dev->flags & XTBPF_DEV_FWD6 ? XTBPF_PATH_FORWARD : XTBPF_PATH_NONE;
	}
	return XTBPF_PATH_NONE;
}

/* At XDP a frame for somebody else still comes by. TC knows the packet's type. */
/* Not memcmp: for unaligned packet bytes clang calls a function that BPF does not have. */
static __always_inline _Bool same_mac(const __u8 *a, const __u8 *b)
{
	__u8 differs = 0;

	for (int i = 0; i < ETH_ALEN; i++)
		differs |= a[i] ^ b[i];
	return !differs;
}

static __always_inline int frame_is_ours(const struct frame *f)
{
	return !f->eth || same_mac(f->eth->h_dest, f->dev->mac);
}

/* Where the kernel would send the packet; 0 when that is not plain forwarding. */
static __always_inline __u32 forward_device(void *ctx, const struct frame *f,
					    struct bpf_fib_lookup *fib)
{
	fib->ifindex = f->ifindex;
	if (bpf_fib_lookup(ctx, fib, sizeof(*fib), BPF_FIB_LOOKUP_SKIP_NEIGH))
		return 0;
	/* Back where it came from: a redirect is sent, before FORWARD is asked. */
	return fib->ifindex == f->ifindex ? 0 : fib->ifindex;
}

static __always_inline __u32 forward4(void *ctx, const struct frame *f, const struct iphdr *ip)
{
	struct bpf_fib_lookup fib = {
		.family = AF_INET,
		.l4_protocol = ip->protocol,
		.tot_len = bpf_ntohs(ip->tot_len),
		.tos = ip->tos & 0x1c,
		.ipv4_src = ip->saddr,
		.ipv4_dst = ip->daddr,
	};

	return ip->ttl > 1 ? forward_device(ctx, f, &fib) : 0;
}

static __always_inline __u32 forward6(void *ctx, const struct frame *f, const struct ipv6hdr *ip)
{
	struct bpf_fib_lookup fib = {
		.family = AF_INET6,
		.l4_protocol = ip->nexthdr,
		.tot_len = (__u16)(bpf_ntohs(ip->payload_len) + sizeof(*ip)),
		.flowinfo = *(const __u32 *)ip & bpf_htonl(0x0fffffff),
	};

	__builtin_memcpy(fib.ipv6_src, &ip->saddr, sizeof(fib.ipv6_src));
	__builtin_memcpy(fib.ipv6_dst, &ip->daddr, sizeof(fib.ipv6_dst));
	return ip->hop_limit > 1 ? forward_device(ctx, f, &fib) : 0;
}

/* Reverse path filter: would the source be reached, in strict mode by this device? */
static __always_inline int source_valid4(void *ctx, const struct frame *f, const struct iphdr *ip)
{
	struct bpf_fib_lookup fib = {
		.family = AF_INET,
		.ifindex = f->ifindex,
		.l4_protocol = ip->protocol,
		.tos = ip->tos & 0x1c,
		.ipv4_src = ip->daddr,
		.ipv4_dst = ip->saddr,
	};

	if (!f->dev->rp_filter)
		return 1;
	if (bpf_fib_lookup(ctx, &fib, sizeof(fib), BPF_FIB_LOOKUP_SKIP_NEIGH))
		return 0;
	return f->dev->rp_filter != 1 || fib.ifindex == f->ifindex;
}

static __always_inline int early_sure4(void *ctx, const struct frame *f, __u32 path)
{
	const struct iphdr *ip = f->l3;
	__u32 saddr;

	if ((const void *)(ip + 1) > f->end || !frame_is_ours(f) || !header_sum_good(ip))
		return 0;
	saddr = ip->saddr;
	if (is_zeronet4(saddr) || is_loopback4(saddr) || is_multicast4(saddr) ||
	    is_broadcast4(saddr) || env_route4(saddr) != XTBPF_RT_NONE)
		return 0;
	if (!source_valid4(ctx, f, ip))
		return 0;
	return path == XTBPF_PATH_INPUT || forward4(ctx, f, ip) != 0;
}

static __always_inline int early_sure6(void *ctx, const struct frame *f, __u32 path)
{
	const struct ipv6hdr *ip = f->l3;
	__u32 saddr[4];

	if ((const void *)(ip + 1) > f->end || !frame_is_ours(f))
		return 0;
	__builtin_memcpy(saddr, &ip->saddr, sizeof(saddr));
	if (is_multicast6(saddr) || is_special6(saddr) || is_linklocal6(saddr) ||
	    env_route6(saddr) != XTBPF_RT_NONE)
		return 0;
	return path == XTBPF_PATH_INPUT || forward6(ctx, f, ip) != 0;
}

/* The name of the device a packet would leave by; 0 when it is unknown. */
static __always_inline int early_out(struct xtbpf_key *key, __u32 ifindex)
{
	const struct xtbpf_dev *dev = ifindex ? bpf_map_lookup_elem(&env_dev, &ifindex) : 0;

	if (!dev)
		return 0;
	key->out[0] = dev->name[0];
	key->out[1] = dev->name[1];
	return 1;
}

static __always_inline void early_count(__u32 which)
{
	__u64 *n = bpf_map_lookup_elem(&env_stat, &which);

	if (n)
		*n += 1;
}

#endif
