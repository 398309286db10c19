// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m dscp and -m tos (revision 1): net/netfilter/xt_dscp.c */
#include "../extension.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_dscp.h>

static uint8_t packet_tos(const struct xtbpf_eval_pkt *p)
{
	const uint8_t *ip = p->pkt->l3;

	return p->family == XTBPF_IPV6 ? (uint8_t)(ip[0] << 4 | ip[1] >> 4) : ip[1];
}

static int dscp_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_dscp_info *info = data;

	return info->dscp > XT_DSCP_MAX ? -EDOM : 0;
}

static int dscp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_dscp_info *info = data;
	const uint8_t value = (uint8_t)(info->dscp << XT_DSCP_SHIFT), mask = XT_DSCP_MASK;

	return xtbpf_lower_bits(low, XTBPF_F_TOS, &value, &mask, 1, info->invert);
}

static bool dscp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_dscp_info *info = data;

	return (packet_tos(p) >> XT_DSCP_SHIFT == info->dscp) != !!info->invert;
}

static int tos_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_tos_match_info *info = data;

	return xtbpf_lower_bits(low, XTBPF_F_TOS, &info->tos_value, &info->tos_mask, 1,
				info->invert);
}

static bool tos_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_tos_match_info *info = data;

	return ((packet_tos(p) & info->tos_mask) == info->tos_value) != !!info->invert;
}

const struct xtbpf_match_ops xtbpf_match_dscp4 = {
	.name = "dscp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_dscp_info)),
	.usersize = sizeof(struct xt_dscp_info),
	.check = dscp_check,
	.lower = dscp_lower,
	.evaluate = dscp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_dscp6 = {
	.name = "dscp",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_dscp_info)),
	.usersize = sizeof(struct xt_dscp_info),
	.check = dscp_check,
	.lower = dscp_lower,
	.evaluate = dscp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_tos4 = {
	.name = "tos",
	.family = XTBPF_EXT_IPV4,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_tos_match_info)),
	.usersize = sizeof(struct xt_tos_match_info),
	.lower = tos_lower,
	.evaluate = tos_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_tos6 = {
	.name = "tos",
	.family = XTBPF_EXT_IPV6,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_tos_match_info)),
	.usersize = sizeof(struct xt_tos_match_info),
	.lower = tos_lower,
	.evaluate = tos_evaluate,
};
