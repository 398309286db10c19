// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m multiport: net/netfilter/xt_multiport.c, revision 1 (the only one left) */
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_multiport.h>

static bool proto_ok(const struct xtbpf_ext_ctx *ctx)
{
	if (ctx->proto_inverted)
		return false;
	switch (ctx->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return true;
	default:
		return false;
	}
}

/* A port with its flag set starts a range, which the next one ends. */
static bool ranges_ok(const struct xt_multiport_v1 *info)
{
	unsigned int i;

	for (i = 0; i < info->count; i++) {
		if (!info->pflags[i])
			continue;
		i++;
		if (i == info->count || info->pflags[i] || info->ports[i - 1] > info->ports[i])
			return false;
	}
	return true;
}

static int multiport_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_multiport_v1 *info = data;

	if (!proto_ok(ctx) || info->flags > XT_MULTIPORT_EITHER || info->count > XT_MULTI_PORTS ||
	    !ranges_ok(info))
		return -EINVAL;
	return 0;
}

static int multiport_lower(const struct xtbpf_ext_ctx *ctx, const void *data,
			   struct xtbpf_lower *low)
{
	const struct xt_multiport_v1 *info = data;
	struct xtbpf_range range[2 * XT_MULTI_PORTS];
	unsigned int i, n = 0;
	int err = xtbpf_lower_l4(low, 4, false);

	if (err || info->invert > 1) /* see multiport_evaluate */
		return err;
	for (i = 0; i < info->count; i++) {
		uint16_t lo = info->ports[i];
		uint16_t hi = info->pflags[i] ? info->ports[++i] : lo;

		if (info->flags != XT_MULTIPORT_DESTINATION)
			range[n++] = (struct xtbpf_range){ XTBPF_F_SPORT, lo, hi };
		if (info->flags != XT_MULTIPORT_SOURCE)
			range[n++] = (struct xtbpf_range){ XTBPF_F_DPORT, lo, hi };
	}
	return xtbpf_lower_any(low, range, n, info->invert);
}

static bool hit(const struct xt_multiport_v1 *info, uint16_t port)
{
	unsigned int i;

	for (i = 0; i < info->count; i++) {
		uint16_t first = info->ports[i];

		if (info->pflags[i] ? port >= first && port <= info->ports[++i] : port == first)
			return true;
	}
	return false;
}

static bool multiport_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_multiport_v1 *info = data;
	const uint8_t *ports;
	bool any = false;

	if (p->fragoff)
		return false;
	ports = xtbpf_eval_bytes(p, p->thoff, 4);
	if (!ports) {
		p->hotdrop = true;
		return false;
	}
	if (info->flags != XT_MULTIPORT_DESTINATION)
		any = hit(info, (uint16_t)(ports[0] << 8 | ports[1]));
	if (info->flags != XT_MULTIPORT_SOURCE)
		any = any || hit(info, (uint16_t)(ports[2] << 8 | ports[3]));
	/* The kernel XORs a byte, unchecked, and takes the result as bool. */
	return any ? info->invert != 1 : info->invert != 0;
}

const struct xtbpf_match_ops xtbpf_match_multiport4 = {
	.name = "multiport",
	.family = XTBPF_EXT_IPV4,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_multiport_v1)),
	.usersize = sizeof(struct xt_multiport_v1),
	.check = multiport_check,
	.lower = multiport_lower,
	.evaluate = multiport_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_multiport6 = {
	.name = "multiport",
	.family = XTBPF_EXT_IPV6,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_multiport_v1)),
	.usersize = sizeof(struct xt_multiport_v1),
	.check = multiport_check,
	.lower = multiport_lower,
	.evaluate = multiport_evaluate,
};
