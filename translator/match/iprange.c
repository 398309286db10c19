// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m iprange: net/netfilter/xt_iprange.c, revision 1 (the only one left) */
#include "../extension.h"

#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_iprange.h>
#include <string.h>

/* One side; the addresses are in network order. */
static int side(const struct xtbpf_ext_ctx *ctx, struct xtbpf_lower *low, enum xtbpf_field field,
		const union nf_inet_addr *min, const union nf_inet_addr *max, bool invert)
{
	if (ctx->family == XTBPF_IPV6)
		return xtbpf_lower_wide(low, field, min, max, invert);
	return xtbpf_lower_range(low, field, __builtin_bswap32(min->ip), __builtin_bswap32(max->ip),
				 invert);
}

static int iprange_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_iprange_mtinfo *info = data;
	int err = 0;

	if (info->flags & IPRANGE_SRC)
		err = side(ctx, low, XTBPF_F_SADDR, &info->src_min, &info->src_max,
			   info->flags & IPRANGE_SRC_INV);
	if (!err && info->flags & IPRANGE_DST)
		err = side(ctx, low, XTBPF_F_DADDR, &info->dst_min, &info->dst_max,
			   info->flags & IPRANGE_DST_INV);
	return err;
}

/* Network order makes memcmp the comparison of numbers. */
static bool within(const uint8_t *addr, const void *min, const void *max, size_t len)
{
	return memcmp(addr, min, len) >= 0 && memcmp(addr, max, len) <= 0;
}

static bool iprange_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_iprange_mtinfo *info = data;
	bool v6 = p->family == XTBPF_IPV6;
	size_t len = v6 ? 16 : 4;
	const uint8_t *addrs = p->pkt->l3 + (v6 ? 8 : 12);

	if (info->flags & IPRANGE_SRC &&
	    within(addrs, &info->src_min, &info->src_max, len) == !!(info->flags & IPRANGE_SRC_INV))
		return false;
	return !(info->flags & IPRANGE_DST) || within(addrs + len, &info->dst_min, &info->dst_max,
						      len) != !!(info->flags & IPRANGE_DST_INV);
}

const struct xtbpf_match_ops xtbpf_match_iprange4 = {
	.name = "iprange",
	.family = XTBPF_EXT_IPV4,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_iprange_mtinfo)),
	.usersize = sizeof(struct xt_iprange_mtinfo),
	.lower = iprange_lower,
	.evaluate = iprange_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_iprange6 = {
	.name = "iprange",
	.family = XTBPF_EXT_IPV6,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_iprange_mtinfo)),
	.usersize = sizeof(struct xt_iprange_mtinfo),
	.lower = iprange_lower,
	.evaluate = iprange_evaluate,
};
