// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m cpu: net/netfilter/xt_cpu.c */
#include "../extension.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_cpu.h>

static int cpu_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_cpu_info *info = data;

	return info->invert & ~1u ? -EINVAL : 0;
}

static int cpu_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_cpu_info *info = data;
	const uint32_t mask = UINT32_MAX;

	return xtbpf_lower_bits(low, XTBPF_F_CPU, &info->cpu, &mask, sizeof(mask), info->invert);
}

static bool cpu_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_cpu_info *info = data;

	return (p->pkt->cpu == info->cpu) != info->invert;
}

const struct xtbpf_match_ops xtbpf_match_cpu = {
	.name = "cpu",
	.family = XTBPF_EXT_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_cpu_info)),
	.usersize = sizeof(struct xt_cpu_info),
	.check = cpu_check,
	.lower = cpu_lower,
	.evaluate = cpu_evaluate,
};
