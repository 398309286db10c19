// SPDX-License-Identifier: GPL-2.0-only
/* Matches on IPv6 extension headers and the like, called by chains at TC. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

typedef struct __sk_buff *packet_t;

static __always_inline int load(packet_t pkt, __u32 at, void *to, __u32 n)
{
	return bpf_skb_load_bytes_relative(pkt, at, to, n, BPF_HDR_START_NET);
}

#include "headcall.h"
#include "ip6ext.h"

__noinline int xtbpf_tc_ah6(struct __sk_buff *ctx, struct xtbpf_key *key, struct ip6t_ah *data)
{
	struct ext_find f = { .pkt = ctx };

	return key && data ? ah_holds(&f, key, data) : 0;
}

__noinline int xtbpf_tc_frag(struct __sk_buff *ctx, struct xtbpf_key *key, struct ip6t_frag *data)
{
	struct ext_find f = { .pkt = ctx };

	return key && data ? frag_holds(&f, key, data) : 0;
}

__noinline int xtbpf_tc_hbh(struct __sk_buff *ctx, struct xtbpf_key *key, struct ip6t_opts *data)
{
	struct ext_find f = { .pkt = ctx };

	return key && data ? opts_hold(&f, key, data, EXT_HOP) : 0;
}

__noinline int xtbpf_tc_dst(struct __sk_buff *ctx, struct xtbpf_key *key, struct ip6t_opts *data)
{
	struct ext_find f = { .pkt = ctx };

	return key && data ? opts_hold(&f, key, data, EXT_DEST) : 0;
}

__noinline int xtbpf_tc_ipv6header(struct __sk_buff *ctx, struct xtbpf_key *key,
				   struct ip6t_ipv6header_info *data)
{
	struct ext_set s = { .pkt = ctx };

	return key && data ? header_holds(&s, key, data) : 0;
}

__noinline int xtbpf_tc_rt(struct __sk_buff *ctx, struct xtbpf_key *key, struct ip6t_rt *data)
{
	struct ext_find f = { .pkt = ctx };

	return key && data ? rt_holds(&f, key, data) : 0;
}

__noinline int xtbpf_tc_srh(struct __sk_buff *ctx, struct xtbpf_key *key, struct ip6t_srh1 *data)
{
	struct ext_find f = { .pkt = ctx };

	return key && data ? srh_holds(&f, key, data) : 0;
}

__noinline int xtbpf_tc_mh(struct __sk_buff *ctx, struct xtbpf_key *key, struct ip6t_mh *data)
{
	return key && data ? mh_holds(key, data) : 0;
}

__noinline int xtbpf_tc_l2tp4(struct __sk_buff *ctx, struct xtbpf_key *key,
			      struct xt_l2tp_info *data)
{
	return key && data ? l2tp_holds(key, data, 0) : 0;
}

__noinline int xtbpf_tc_l2tp6(struct __sk_buff *ctx, struct xtbpf_key *key,
			      struct xt_l2tp_info *data)
{
	return key && data ? l2tp_holds(key, data, 1) : 0;
}
