// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * -m statistic: net/netfilter/xt_statistic.c. The counter is the rule's own and
 * starts anew with each replacement of the table.
 */
#include "../bpf/payload.h"
#include "../extension.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_statistic.h>
#include <stddef.h>

static const struct xtbpf_callee nth = {
	.name = "nth",
	.nf = "nf_statistic",
	.tc = "tc_statistic",
	.type = "xtbpf_nth",
	.size = sizeof(struct xtbpf_nth),
};

static const struct xtbpf_callee probability = {
	.name = "random",
	.nf = "nf_statistic",
	.tc = "tc_statistic",
	.type = "xtbpf_random",
	.size = sizeof(struct xtbpf_random),
};

static int statistic_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_statistic_info *info = data;

	return info->mode > XT_STATISTIC_MODE_MAX || info->flags & ~XT_STATISTIC_MASK ? -EINVAL : 0;
}

/*
 * The kernel's counter starts at `count`, goes to 0 behind `every`, and matches
 * there. Beyond `every` from the start, it gets to 0 by overflow.
 */
static int statistic_lower(const struct xtbpf_ext_ctx *ctx, const void *data,
			   struct xtbpf_lower *low)
{
	const struct xt_statistic_info *info = data;
	bool invert = info->flags & XT_STATISTIC_INVERT;
	struct xtbpf_random r = { .probability = info->u.random.probability };
	struct xtbpf_nth n = { .period = (uint64_t)info->u.nth.every + 1 };

	if (info->mode == XT_STATISTIC_MODE_RANDOM)
		return xtbpf_lower_call(low, &probability, &r, invert);
	n.first = info->u.nth.count <= info->u.nth.every ? n.period : (uint64_t)UINT32_MAX + 1;
	n.first -= info->u.nth.count;
	return xtbpf_lower_call(low, &nth, &n, invert);
}

/* state: how far the counter is from its start */
static bool nth_evaluate(uint64_t *state, const struct xt_statistic_info *info)
{
	uint32_t old = (uint32_t)*state + info->u.nth.count;
	uint32_t new = old == info->u.nth.every ? 0 : old + 1;

	*state = (uint32_t)(new - info->u.nth.count);
	return new == 0;
}

static bool statistic_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_statistic_info *info = data;
	bool hit;

	if (info->mode == XT_STATISTIC_MODE_NTH) {
		hit = nth_evaluate(p->state, info);
	} else {
		*p->state = *p->state * 6364136223846793005u + 1442695040888963407u;
		hit = *p->state >> 33 < info->u.random.probability;
	}
	return hit != !!(info->flags & XT_STATISTIC_INVERT);
}

const struct xtbpf_match_ops xtbpf_match_statistic = {
	.name = "statistic",
	.family = XTBPF_EXT_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_statistic_info)),
	.usersize = offsetof(struct xt_statistic_info, master),
	.check = statistic_check,
	.lower = statistic_lower,
	.evaluate = statistic_evaluate,
	.stateful = true,
};
