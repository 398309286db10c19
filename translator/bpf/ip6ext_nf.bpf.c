// SPDX-License-Identifier: GPL-2.0-only
/* Matches on IPv6 extension headers and the like, called by chains at netfilter hooks. */
#include "kernel.h"

extern int xtbpf_nf_open(struct bpf_nf_ctx *ctx, struct bpf_dynptr *pkt) __hidden;

typedef const struct bpf_dynptr *packet_t;

static __always_inline int load(packet_t pkt, __u32 at, void *to, __u32 n)
{
	return bpf_dynptr_read(to, n, pkt, at, 0);
}

#include "headcall.h"
#include "ip6ext.h"

__noinline int xtbpf_nf_ah6(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct ip6t_ah *data)
{
	struct bpf_dynptr pkt;
	struct ext_find f = { .pkt = &pkt };

	return key && data && !xtbpf_nf_open(ctx, &pkt) ? ah_holds(&f, key, data) : 0;
}

__noinline int xtbpf_nf_frag(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct ip6t_frag *data)
{
	struct bpf_dynptr pkt;
	struct ext_find f = { .pkt = &pkt };

	return key && data && !xtbpf_nf_open(ctx, &pkt) ? frag_holds(&f, key, data) : 0;
}

__noinline int xtbpf_nf_hbh(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct ip6t_opts *data)
{
	struct bpf_dynptr pkt;
	struct ext_find f = { .pkt = &pkt };

	return key && data && !xtbpf_nf_open(ctx, &pkt) ? opts_hold(&f, key, data, EXT_HOP) : 0;
}

__noinline int xtbpf_nf_dst(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct ip6t_opts *data)
{
	struct bpf_dynptr pkt;
	struct ext_find f = { .pkt = &pkt };

	return key && data && !xtbpf_nf_open(ctx, &pkt) ? opts_hold(&f, key, data, EXT_DEST) : 0;
}

__noinline int xtbpf_nf_ipv6header(struct bpf_nf_ctx *ctx, struct xtbpf_key *key,
				   struct ip6t_ipv6header_info *data)
{
	struct bpf_dynptr pkt;
	struct ext_set s = { .pkt = &pkt };

	return key && data && !xtbpf_nf_open(ctx, &pkt) ? header_holds(&s, key, data) : 0;
}

__noinline int xtbpf_nf_rt(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct ip6t_rt *data)
{
	struct bpf_dynptr pkt;
	struct ext_find f = { .pkt = &pkt };

	return key && data && !xtbpf_nf_open(ctx, &pkt) ? rt_holds(&f, key, data) : 0;
}

__noinline int xtbpf_nf_srh(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct ip6t_srh1 *data)
{
	struct bpf_dynptr pkt;
	struct ext_find f = { .pkt = &pkt };

	return key && data && !xtbpf_nf_open(ctx, &pkt) ? srh_holds(&f, key, data) : 0;
}

__noinline int xtbpf_nf_mh(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct ip6t_mh *data)
{
	return key && data ? mh_holds(key, data) : 0;
}

__noinline int xtbpf_nf_l2tp4(struct bpf_nf_ctx *ctx, struct xtbpf_key *key,
			      struct xt_l2tp_info *data)
{
	return key && data ? l2tp_holds(key, data, 0) : 0;
}

__noinline int xtbpf_nf_l2tp6(struct bpf_nf_ctx *ctx, struct xtbpf_key *key,
			      struct xt_l2tp_info *data)
{
	return key && data ? l2tp_holds(key, data, 1) : 0;
}

#define ARPHRD_ETHER 1
#define ETH_HLEN 14
#define ETH_P_IPV6 0x86dd

struct xtbpf_eui64 {
	__u32 unused;
};

/* net/ipv6/netfilter/ip6t_eui64.c */
__noinline int xtbpf_nf_eui64(struct bpf_nf_ctx *ctx, struct xtbpf_key *key,
			      struct xtbpf_eui64 *data)
{
	struct sk_buff *skb = ctx->skb;
	const __u8 *mac = skb->head + skb->mac_header;
	__u8 eth[ETH_HLEN], *from = eth + 6, *addr;

	if (!key || !skb->dev || skb->dev->type != ARPHRD_ETHER)
		return NO;
	/* one that is not set lies beyond the packet */
	if (mac + ETH_HLEN > skb->data || bpf_probe_read_kernel(eth, sizeof(eth), mac))
		return HOTDROP;
	addr = (__u8 *)&key->saddr[2];
	return be16_at(eth + 12) == ETH_P_IPV6 && addr[0] == (from[0] ^ 2) && addr[1] == from[1] &&
	       addr[2] == from[2] && addr[3] == 0xff && addr[4] == 0xfe && addr[5] == from[3] &&
	       addr[6] == from[4] && addr[7] == from[5];
}
