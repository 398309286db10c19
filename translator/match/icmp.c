// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m icmp: icmp_match in net/netfilter/xt_tcpudp.c */
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#define ICMP_HEADER 8
#define ANY_TYPE 0xff

static int icmp_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ipt_icmp *info = data;

	return info->invflags & ~IPT_ICMP_INV ? -EINVAL : 0;
}

static int icmp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct ipt_icmp *info = data;
	uint16_t type = (uint16_t)(info->type << 8);
	bool invert = info->invflags & IPT_ICMP_INV;
	int err = xtbpf_lower_l4(low, ICMP_HEADER, false);

	if (err)
		return err;
	if (info->type == ANY_TYPE)
		return invert ? xtbpf_lower_never(low) : 0;
	return xtbpf_lower_range(low, XTBPF_F_ICMP, type | info->code[0], type | info->code[1],
				 invert);
}

static bool icmp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ipt_icmp *info = data;
	const uint8_t *ic;
	bool hit;

	if (p->fragoff)
		return false;
	ic = xtbpf_eval_bytes(p, p->thoff, ICMP_HEADER);
	if (!ic) {
		p->hotdrop = true;
		return false;
	}
	hit = info->type == ANY_TYPE ||
	      (ic[0] == info->type && ic[1] >= info->code[0] && ic[1] <= info->code[1]);
	return hit != !!(info->invflags & IPT_ICMP_INV);
}

const struct xtbpf_match_ops xtbpf_match_icmp = {
	.name = "icmp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct ipt_icmp)),
	.usersize = sizeof(struct ipt_icmp),
	.proto = IPPROTO_ICMP,
	.check = icmp_check,
	.lower = icmp_lower,
	.evaluate = icmp_evaluate,
};
