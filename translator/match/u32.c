// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m u32: net/netfilter/xt_u32.c; offsets count from the IP header */
#include "../bpf/payload.h"
#include "../extension.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_u32.h>

#define MAX (XT_U32_MAXSIZE + 1)

/* No shift by 32 or more: what that would mean is left to the processor. */
static bool shifts_ok(const struct xt_u32_test *t)
{
	unsigned int i;

	for (i = 1; i < t->nnums; i++)
		if ((t->location[i].nextop == XT_U32_LEFTSH ||
		     t->location[i].nextop == XT_U32_RIGHTSH) &&
		    t->location[i].number >= 32)
			return false;
	return true;
}

static int u32_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_u32 *info = data;
	unsigned int i;

	if (info->ntests > MAX)
		return -EINVAL;
	for (i = 0; i < info->ntests; i++)
		if (info->tests[i].nnums > MAX || info->tests[i].nvalues > MAX ||
		    !shifts_ok(&info->tests[i]))
			return -EINVAL;
	return 0;
}

static const struct xtbpf_callee callee = {
	.name = "u32",
	.nf = "nf_u32",
	.tc = "tc_u32",
	.type = "xtbpf_u32",
	.size = sizeof(struct xtbpf_u32),
};

_Static_assert(XTBPF_U32_MAX == MAX, "u32");

static int u32_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_u32 *info = data;
	struct xtbpf_u32 u = { .ntests = info->ntests };
	unsigned int i, k;

	if (info->invert > 1) /* see u32_evaluate */
		return 0;
	for (i = 0; i < info->ntests; i++) {
		const struct xt_u32_test *from = &info->tests[i];
		struct xtbpf_u32_test *to = &u.test[i];

		to->nnums = from->nnums;
		to->nvalues = from->nvalues;
		for (k = 0; k < MAX; k++) {
			to->number[k] = from->location[k].number;
			to->op[k] = from->location[k].nextop;
			to->min[k] = from->value[k].min;
			to->max[k] = from->value[k].max;
		}
	}
	return xtbpf_lower_call(low, &callee, &u, info->invert);
}

static bool word_at(const struct xtbpf_eval_pkt *p, uint32_t at, uint32_t *word)
{
	const uint8_t *b = xtbpf_eval_bytes(p, at, 4);

	if (!b)
		return false;
	*word = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return true;
}

/* The value of a test's location expression; false: it reads outside the packet. */
static bool locate(const struct xtbpf_eval_pkt *p, const struct xt_u32_test *t, uint32_t *val)
{
	uint32_t at = 0, len = p->pkt->len;
	unsigned int i;

	if (!word_at(p, t->location[0].number, val))
		return false;
	for (i = 1; i < t->nnums; i++) {
		uint32_t n = t->location[i].number;

		switch (t->location[i].nextop) {
		case XT_U32_AND:
			*val &= n;
			break;
		case XT_U32_LEFTSH:
			*val <<= n;
			break;
		case XT_U32_RIGHTSH:
			*val >>= n;
			break;
		case XT_U32_AT:
			if (at + *val < at)
				return false;
			at += *val;
			if (at + 4 < at || len < at + 4 || n > len - at - 4 ||
			    !word_at(p, at + n, val))
				return false;
			break;
		}
	}
	return true;
}

static bool test_holds(const struct xtbpf_eval_pkt *p, const struct xt_u32_test *t)
{
	uint32_t val;
	unsigned int i;

	if (!locate(p, t, &val))
		return false;
	for (i = 0; i < t->nvalues; i++)
		if (t->value[i].min <= val && val <= t->value[i].max)
			return true;
	return false;
}

static bool u32_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_u32 *info = data;
	bool all = true;
	unsigned int i;

	for (i = 0; i < info->ntests && all; i++)
		all = test_holds(p, &info->tests[i]);
	/* The kernel XORs a byte, unchecked, and takes the result as bool. */
	return all ? info->invert != 1 : info->invert != 0;
}

const struct xtbpf_match_ops xtbpf_match_u32 = {
	.name = "u32",
	.family = XTBPF_EXT_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_u32)),
	.usersize = sizeof(struct xt_u32),
	.check = u32_check,
	.lower = u32_lower,
	.evaluate = u32_evaluate,
};
