// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m length: net/netfilter/xt_length.c */
#include "../extension.h"

#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_length.h>

/* The kernel XORs a byte, unchecked, and takes the result as bool: 2 and more is always true. */
static int length_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_length_info *info = data;

	if (info->invert > 1)
		return 0;
	return xtbpf_lower_range(low, XTBPF_F_IPLEN, info->min, info->max, info->invert);
}

/* IPv4 goes by the header, unless that says nothing (BIG TCP); IPv6 by what is there. */
static bool length_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_length_info *info = data;
	const uint8_t *ip = p->pkt->l3;
	uint32_t len = p->pkt->len;

	if (p->family == XTBPF_IPV4 && (ip[2] || ip[3]))
		len = (uint32_t)(ip[2] << 8 | ip[3]);
	return (len >= info->min && len <= info->max) ^ info->invert;
}

const struct xtbpf_match_ops xtbpf_match_length4 = {
	.name = "length",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_length_info)),
	.usersize = sizeof(struct xt_length_info),
	.lower = length_lower,
	.evaluate = length_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_length6 = {
	.name = "length",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_length_info)),
	.usersize = sizeof(struct xt_length_info),
	.lower = length_lower,
	.evaluate = length_evaluate,
};
