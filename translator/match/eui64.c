// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m eui64: net/ipv6/netfilter/ip6t_eui64.c, as kernel 6.18.44 has it: of Ethernet devices only */
#include "../extension.h"

#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <string.h>

#define SADDR_LOW 16 /* the lower half of the source address */

static bool eui64_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const uint8_t *mac = p->pkt->mac;
	const uint8_t want[8] = { mac[0] ^ 2u, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5] };

	return p->pkt->has_mac && memcmp(p->pkt->l3 + SADDR_LOW, want, sizeof(want)) == 0;
}

/* Not at TC: there nobody knows whether bytes before the packet are such a header. */
static const struct xtbpf_callee callee = {
	.name = "eui64",
	.nf = "ip6ext_nf",
	.type = "xtbpf_eui64",
	.size = sizeof(uint32_t),
	.evaluate = eui64_evaluate,
};

static int eui64_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_eui64 = {
	.name = "eui64",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(uint32_t)),
	.usersize = sizeof(uint32_t),
	.hooks = 1u << NF_INET_PRE_ROUTING | 1u << NF_INET_LOCAL_IN | 1u << NF_INET_FORWARD,
	.lower = eui64_lower,
	.evaluate = eui64_evaluate,
};
