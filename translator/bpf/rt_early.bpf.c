// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runtime of early drop: for XDP and for TC ingress, and for each family, three
 * functions that a generated program calls in this order:
 *   parse  fills the key; returns the way (XTBPF_PATH_*) the packet would take
 *   out    before FORWARD chains that ask for the device it would leave by; 0: unknown
 *   sure   may a packet that the chains dropped really be dropped here? Counts it
 * All are hidden, so static to the verifier once linked.
 */
#include "early.h"

char _license[] SEC("license") = "GPL";

static __always_inline int frame_xdp(struct xdp_md *ctx, __u16 proto, struct frame *f)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	__u64 len;

	f->end = (void *)(long)ctx->data_end;
	if ((const void *)(eth + 1) > f->end || eth->h_proto != bpf_htons(proto))
		return 0;
	f->ifindex = ctx->ingress_ifindex;
	f->dev = bpf_map_lookup_elem(&env_dev, &f->ifindex);
	if (!f->dev || !(f->dev->flags & XTBPF_DEV_ETHER))
		return 0;
	len = bpf_xdp_get_buff_len(ctx);
	f->eth = eth;
	f->l3 = eth + 1;
	f->len = len - sizeof(*eth);
	f->wire = 1;
	return 1;
}

static __always_inline int frame_tc(struct __sk_buff *ctx, __u16 proto, struct frame *f)
{
	void *data = (void *)(long)ctx->data;
	__u32 l2;

	f->end = (void *)(long)ctx->data_end;
	/* PACKET_HOST: for our address, and no copy of what we sent ourselves */
	if (ctx->protocol != bpf_htons(proto) || ctx->vlan_present || ctx->pkt_type)
		return 0;
	f->ifindex = ctx->ifindex;
	f->dev = bpf_map_lookup_elem(&env_dev, &f->ifindex);
	if (!f->dev)
		return 0;
	l2 = f->dev->flags & XTBPF_DEV_ETHER ? ETH_HLEN : 0;
	f->eth = 0;
	f->l3 = data + l2;
	f->len = ctx->len - l2;
	f->wire = 0;
	return 1;
}

__hidden __noinline int xtbpf_xdp_parse4(struct xdp_md *ctx, struct xtbpf_early_key *key,
					 __u32 flags)
{
	struct frame f;

	__builtin_memset(key, 0, sizeof(*key));
	return frame_xdp(ctx, ETH_P_IP, &f) ? early_parse4(&f, &key->key, flags) : XTBPF_PATH_NONE;
}

__hidden __noinline int xtbpf_xdp_parse6(struct xdp_md *ctx, struct xtbpf_early_key *key,
					 __u32 flags)
{
	struct frame f;

	__builtin_memset(key, 0, sizeof(*key));
	return frame_xdp(ctx, ETH_P_IPV6, &f) ? early_parse6(&f, &key->key, flags)
					      : XTBPF_PATH_NONE;
}

__hidden __noinline int xtbpf_tc_parse4(struct __sk_buff *ctx, struct xtbpf_early_key *key,
					__u32 flags)
{
	struct frame f;

	__builtin_memset(key, 0, sizeof(*key));
	return frame_tc(ctx, ETH_P_IP, &f) ? early_parse4(&f, &key->key, flags) : XTBPF_PATH_NONE;
}

__hidden __noinline int xtbpf_tc_parse6(struct __sk_buff *ctx, struct xtbpf_early_key *key,
					__u32 flags)
{
	struct frame f;

	__builtin_memset(key, 0, sizeof(*key));
	return frame_tc(ctx, ETH_P_IPV6, &f) ? early_parse6(&f, &key->key, flags) : XTBPF_PATH_NONE;
}

__hidden __noinline int xtbpf_xdp_out4(struct xdp_md *ctx, struct xtbpf_early_key *key, __u32 flags)
{
	struct frame f;

	if (!frame_xdp(ctx, ETH_P_IP, &f) || f.l3 + sizeof(struct iphdr) > f.end)
		return 0;
	return early_out(&key->key, forward4(ctx, &f, f.l3));
}

__hidden __noinline int xtbpf_xdp_out6(struct xdp_md *ctx, struct xtbpf_early_key *key, __u32 flags)
{
	struct frame f;

	if (!frame_xdp(ctx, ETH_P_IPV6, &f) || f.l3 + sizeof(struct ipv6hdr) > f.end)
		return 0;
	return early_out(&key->key, forward6(ctx, &f, f.l3));
}

__hidden __noinline int xtbpf_tc_out4(struct __sk_buff *ctx, struct xtbpf_early_key *key,
				      __u32 flags)
{
	struct frame f;

	if (!frame_tc(ctx, ETH_P_IP, &f) || f.l3 + sizeof(struct iphdr) > f.end)
		return 0;
	return early_out(&key->key, forward4(ctx, &f, f.l3));
}

__hidden __noinline int xtbpf_tc_out6(struct __sk_buff *ctx, struct xtbpf_early_key *key,
				      __u32 flags)
{
	struct frame f;

	if (!frame_tc(ctx, ETH_P_IPV6, &f) || f.l3 + sizeof(struct ipv6hdr) > f.end)
		return 0;
	return early_out(&key->key, forward6(ctx, &f, f.l3));
}

__hidden __noinline int xtbpf_xdp_sure4(struct xdp_md *ctx, struct xtbpf_early_key *key, __u32 path)
{
	struct frame f;

	if (!frame_xdp(ctx, ETH_P_IP, &f) || !early_sure4(ctx, &f, path))
		return 0;
	early_count(XTBPF_STAT_XDP_DROP);
	return 1;
}

__hidden __noinline int xtbpf_xdp_sure6(struct xdp_md *ctx, struct xtbpf_early_key *key, __u32 path)
{
	struct frame f;

	if (!frame_xdp(ctx, ETH_P_IPV6, &f) || !early_sure6(ctx, &f, path))
		return 0;
	early_count(XTBPF_STAT_XDP_DROP);
	return 1;
}

__hidden __noinline int xtbpf_tc_sure4(struct __sk_buff *ctx, struct xtbpf_early_key *key,
				       __u32 path)
{
	struct frame f;

	if (!frame_tc(ctx, ETH_P_IP, &f) || !early_sure4(ctx, &f, path))
		return 0;
	early_count(XTBPF_STAT_TC_DROP);
	return 1;
}

__hidden __noinline int xtbpf_tc_sure6(struct __sk_buff *ctx, struct xtbpf_early_key *key,
				       __u32 path)
{
	struct frame f;

	if (!frame_tc(ctx, ETH_P_IPV6, &f) || !early_sure6(ctx, &f, path))
		return 0;
	early_count(XTBPF_STAT_TC_DROP);
	return 1;
}
