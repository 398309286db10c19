// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m mac: net/netfilter/xt_mac.c */
#include "../extension.h"

#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_mac.h>
#include <string.h>

#define HOOKS (1u << NF_INET_PRE_ROUTING | 1u << NF_INET_LOCAL_IN | 1u << NF_INET_FORWARD)
#define FIELD 8 /* the address, and whether there is one */

/* A packet without a source address does not match an inverted rule, either. */
static int mac_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_mac_info *info = data;
	uint8_t value[FIELD] = { 0 }, mask[FIELD] = { 0 };
	const uint16_t one = 1;
	int err;

	memcpy(value + ETH_ALEN, &one, sizeof(one));
	memset(mask + ETH_ALEN, 0xff, sizeof(one));
	err = xtbpf_lower_bits(low, XTBPF_F_MAC, value, mask, FIELD, false);
	/* The kernel XORs an int, unchecked, and takes the result as bool. */
	if (err || (unsigned int)info->invert > 1)
		return err;
	memset(value, 0, sizeof(value));
	memset(mask, 0, sizeof(mask));
	memcpy(value, info->srcaddr, ETH_ALEN);
	memset(mask, 0xff, ETH_ALEN);
	return xtbpf_lower_bits(low, XTBPF_F_MAC, value, mask, FIELD, info->invert);
}

static bool mac_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_mac_info *info = data;

	return p->pkt->has_mac &&
	       (memcmp(p->pkt->mac, info->srcaddr, ETH_ALEN) == 0) ^ info->invert;
}

const struct xtbpf_match_ops xtbpf_match_mac4 = {
	.name = "mac",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_mac_info)),
	.usersize = sizeof(struct xt_mac_info),
	.hooks = HOOKS,
	.lower = mac_lower,
	.evaluate = mac_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_mac6 = {
	.name = "mac",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_mac_info)),
	.usersize = sizeof(struct xt_mac_info),
	.hooks = HOOKS,
	.lower = mac_lower,
	.evaluate = mac_evaluate,
};
