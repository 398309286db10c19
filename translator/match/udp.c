// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m udp and udplite: udp_mt in net/netfilter/xt_tcpudp.c */
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_tcpudp.h>

#define UDP_HEADER 8

static int udp_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_udp *info = data;

	return info->invflags & ~XT_UDP_INV_MASK ? -EINVAL : 0;
}

static int udp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_udp *info = data;
	int err;

	err = xtbpf_lower_l4(low, UDP_HEADER, false);
	if (!err)
		err = xtbpf_lower_range(low, XTBPF_F_SPORT, info->spts[0], info->spts[1],
					info->invflags & XT_UDP_INV_SRCPT);
	if (!err)
		err = xtbpf_lower_range(low, XTBPF_F_DPORT, info->dpts[0], info->dpts[1],
					info->invflags & XT_UDP_INV_DSTPT);
	return err;
}

static bool in_range(const uint16_t range[2], uint16_t port, bool invert)
{
	return (port >= range[0] && port <= range[1]) != invert;
}

static bool udp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_udp *info = data;
	const uint8_t *uh;

	if (p->fragoff)
		return false;
	uh = xtbpf_eval_bytes(p, p->thoff, UDP_HEADER);
	if (!uh) {
		p->hotdrop = true;
		return false;
	}
	return in_range(info->spts, (uint16_t)(uh[0] << 8 | uh[1]),
			info->invflags & XT_UDP_INV_SRCPT) &&
	       in_range(info->dpts, (uint16_t)(uh[2] << 8 | uh[3]),
			info->invflags & XT_UDP_INV_DSTPT);
}

const struct xtbpf_match_ops xtbpf_match_udp4 = {
	.name = "udp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_udp)),
	.usersize = sizeof(struct xt_udp),
	.proto = IPPROTO_UDP,
	.check = udp_check,
	.lower = udp_lower,
	.evaluate = udp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_udp6 = {
	.name = "udp",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_udp)),
	.usersize = sizeof(struct xt_udp),
	.proto = IPPROTO_UDP,
	.check = udp_check,
	.lower = udp_lower,
	.evaluate = udp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_udplite4 = {
	.name = "udplite",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_udp)),
	.usersize = sizeof(struct xt_udp),
	.proto = IPPROTO_UDPLITE,
	.check = udp_check,
	.lower = udp_lower,
	.evaluate = udp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_udplite6 = {
	.name = "udplite",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_udp)),
	.usersize = sizeof(struct xt_udp),
	.proto = IPPROTO_UDPLITE,
	.check = udp_check,
	.lower = udp_lower,
	.evaluate = udp_evaluate,
};
