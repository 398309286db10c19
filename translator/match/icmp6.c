// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m icmp6: icmp6_match in net/netfilter/xt_tcpudp.c; type 255 is a type like any other */
#include "../extension.h"

#include <errno.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#define ICMP6_HEADER 8

static int icmp6_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ip6t_icmp *info = data;

	return info->invflags & ~IP6T_ICMP_INV ? -EINVAL : 0;
}

static int icmp6_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct ip6t_icmp *info = data;
	uint16_t type = (uint16_t)(info->type << 8);
	int err = xtbpf_lower_l4(low, ICMP6_HEADER, false);

	if (err)
		return err;
	return xtbpf_lower_range(low, XTBPF_F_ICMP, type | info->code[0], type | info->code[1],
				 info->invflags & IP6T_ICMP_INV);
}

static bool icmp6_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ip6t_icmp *info = data;
	const uint8_t *ic;
	bool hit;

	if (p->fragoff)
		return false;
	ic = xtbpf_eval_bytes(p, p->thoff, ICMP6_HEADER);
	if (!ic) {
		p->hotdrop = true;
		return false;
	}
	hit = ic[0] == info->type && ic[1] >= info->code[0] && ic[1] <= info->code[1];
	return hit != !!(info->invflags & IP6T_ICMP_INV);
}

const struct xtbpf_match_ops xtbpf_match_icmp6 = {
	.name = "icmp6",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_icmp)),
	.usersize = sizeof(struct ip6t_icmp),
	.proto = IPPROTO_ICMPV6,
	.check = icmp6_check,
	.lower = icmp6_lower,
	.evaluate = icmp6_evaluate,
};
