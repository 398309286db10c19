// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m devgroup: net/netfilter/xt_devgroup.c */
#include "../extension.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_devgroup.h>

#define FLAGS                                                                                      \
	(XT_DEVGROUP_MATCH_SRC | XT_DEVGROUP_INVERT_SRC | XT_DEVGROUP_MATCH_DST |                  \
	 XT_DEVGROUP_INVERT_DST)
#define WITH_IN (1u << NF_INET_PRE_ROUTING | 1u << NF_INET_LOCAL_IN | 1u << NF_INET_FORWARD)
#define WITH_OUT (1u << NF_INET_FORWARD | 1u << NF_INET_LOCAL_OUT | 1u << NF_INET_POST_ROUTING)

static int devgroup_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_devgroup_info *info = data;

	if (info->flags & ~(uint32_t)FLAGS)
		return -EINVAL;
	if (info->flags & XT_DEVGROUP_MATCH_SRC && ctx->hooks & ~WITH_IN)
		return -EINVAL;
	if (info->flags & XT_DEVGROUP_MATCH_DST && ctx->hooks & ~WITH_OUT)
		return -EINVAL;
	return 0;
}

/* The kernel masks both sides. */
static int side(struct xtbpf_lower *low, enum xtbpf_field field, uint32_t group, uint32_t mask,
		bool invert)
{
	group &= mask;
	return xtbpf_lower_bits(low, field, &group, &mask, sizeof(mask), invert);
}

static int devgroup_lower(const struct xtbpf_ext_ctx *ctx, const void *data,
			  struct xtbpf_lower *low)
{
	const struct xt_devgroup_info *info = data;
	int err = 0;

	if (info->flags & XT_DEVGROUP_MATCH_SRC)
		err = side(low, XTBPF_F_IN_GROUP, info->src_group, info->src_mask,
			   info->flags & XT_DEVGROUP_INVERT_SRC);
	if (!err && info->flags & XT_DEVGROUP_MATCH_DST)
		err = side(low, XTBPF_F_OUT_GROUP, info->dst_group, info->dst_mask,
			   info->flags & XT_DEVGROUP_INVERT_DST);
	return err;
}

static bool devgroup_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_devgroup_info *info = data;
	bool src = (info->src_group ^ p->pkt->in_group) & info->src_mask;
	bool dst = (info->dst_group ^ p->pkt->out_group) & info->dst_mask;

	if (info->flags & XT_DEVGROUP_MATCH_SRC && src != !!(info->flags & XT_DEVGROUP_INVERT_SRC))
		return false;
	return !(info->flags & XT_DEVGROUP_MATCH_DST) ||
	       dst == !!(info->flags & XT_DEVGROUP_INVERT_DST);
}

const struct xtbpf_match_ops xtbpf_match_devgroup = {
	.name = "devgroup",
	.family = XTBPF_EXT_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_devgroup_info)),
	.usersize = sizeof(struct xt_devgroup_info),
	.check = devgroup_check,
	.lower = devgroup_lower,
	.evaluate = devgroup_evaluate,
};
