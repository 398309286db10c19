// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m ttl and -m hl: net/netfilter/xt_hl.c. They have no check: an unknown mode never holds. */
#include "../extension.h"

#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ipt_ttl.h>
#include <linux/netfilter_ipv6/ip6t_hl.h>

#define TTL_AT 8
#define HOP_LIMIT_AT 7

_Static_assert(sizeof(struct ipt_ttl_info) == sizeof(struct ip6t_hl_info) &&
		       (int)IPT_TTL_EQ == (int)IP6T_HL_EQ && (int)IPT_TTL_GT == (int)IP6T_HL_GT,
	       "one structure under two names");

static int ttl_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct ipt_ttl_info *info = data;
	uint8_t ttl = info->ttl;

	switch (info->mode) {
	case IPT_TTL_EQ:
	case IPT_TTL_NE:
		return xtbpf_lower_range(low, XTBPF_F_TTL, ttl, ttl, info->mode == IPT_TTL_NE);
	case IPT_TTL_LT:
		return ttl ? xtbpf_lower_range(low, XTBPF_F_TTL, 0, ttl - 1u, false)
			   : xtbpf_lower_never(low);
	case IPT_TTL_GT:
		return xtbpf_lower_range(low, XTBPF_F_TTL, ttl + 1u, UINT8_MAX, false);
	default:
		return xtbpf_lower_never(low);
	}
}

static bool ttl_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ipt_ttl_info *info = data;
	uint8_t ttl = p->pkt->l3[p->family == XTBPF_IPV6 ? HOP_LIMIT_AT : TTL_AT];

	switch (info->mode) {
	case IPT_TTL_EQ:
		return ttl == info->ttl;
	case IPT_TTL_NE:
		return ttl != info->ttl;
	case IPT_TTL_LT:
		return ttl < info->ttl;
	case IPT_TTL_GT:
		return ttl > info->ttl;
	default:
		return false;
	}
}

const struct xtbpf_match_ops xtbpf_match_ttl = {
	.name = "ttl",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct ipt_ttl_info)),
	.usersize = sizeof(struct ipt_ttl_info),
	.lower = ttl_lower,
	.evaluate = ttl_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_hl = {
	.name = "hl",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_hl_info)),
	.usersize = sizeof(struct ip6t_hl_info),
	.lower = ttl_lower,
	.evaluate = ttl_evaluate,
};
