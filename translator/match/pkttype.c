// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m pkttype: net/netfilter/xt_pkttype.c */
#include "../extension.h"

#include <linux/if_packet.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_pkttype.h>

static int pkttype_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_pkttype_info *info = data;
	uint32_t type = (uint32_t)info->pkttype;

	/* The kernel XORs an int, unchecked, and takes the result as bool. */
	if ((unsigned int)info->invert > 1)
		return 0;
	return xtbpf_lower_range(low, XTBPF_F_PKTTYPE, type, type, info->invert);
}

/* What is looped back is called after its destination. */
static int type_of(const struct xtbpf_eval_pkt *p)
{
	const uint8_t *ip = p->pkt->l3;
	bool multicast = p->family == XTBPF_IPV6 ? ip[24] == 0xff : ip[16] >> 4 == 14;

	if (p->pkt->pkt_type != PACKET_LOOPBACK)
		return p->pkt->pkt_type;
	return multicast ? PACKET_MULTICAST : PACKET_BROADCAST;
}

static bool pkttype_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_pkttype_info *info = data;

	return (type_of(p) == info->pkttype) ^ info->invert;
}

const struct xtbpf_match_ops xtbpf_match_pkttype = {
	.name = "pkttype",
	.family = XTBPF_EXT_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_pkttype_info)),
	.usersize = sizeof(struct xt_pkttype_info),
	.lower = pkttype_lower,
	.evaluate = pkttype_evaluate,
};
