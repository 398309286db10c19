// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m mh: net/ipv6/netfilter/ip6t_mh.c */
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6t_mh.h>

#define MH_HEADER 6

static int mh_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ip6t_mh *info = data;

	return info->invflags & ~IP6T_MH_INV_MASK ? -EINVAL : 0;
}

static bool mh_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ip6t_mh *info = data;
	const uint8_t *mh;

	if (p->fragoff)
		return false;
	mh = xtbpf_eval_bytes(p, p->thoff, MH_HEADER);
	if (!mh || mh[0] != IPPROTO_NONE) {
		p->hotdrop = true;
		return false;
	}
	return (mh[2] >= info->types[0] && mh[2] <= info->types[1]) !=
	       !!(info->invflags & IP6T_MH_INV_TYPE);
}

static const struct xtbpf_callee callee = {
	.name = "mh",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_mh",
	.size = sizeof(struct ip6t_mh),
	.evaluate = mh_evaluate,
};

static int mh_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	int err = xtbpf_lower_head(low, MH_HEADER);

	return err ? err : xtbpf_lower_call(low, &callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_mh = {
	.name = "mh",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_mh)),
	.usersize = sizeof(struct ip6t_mh),
	.proto = IPPROTO_MH,
	.check = mh_check,
	.lower = mh_lower,
	.evaluate = mh_evaluate,
};
