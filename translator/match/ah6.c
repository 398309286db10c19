// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m ah, IPv6: net/ipv6/netfilter/ip6t_ah.c. Looks for the header itself: -p is not asked for. */
#include "../extension.h"
#include "../header.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6t_ah.h>

#define AH_HEADER 12

static int ah6_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ip6t_ah *info = data;

	return info->invflags & ~IP6T_AH_INV_MASK ? -EINVAL : 0;
}

static bool ah6_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ip6t_ah *info = data;
	uint32_t at, size, spi;
	const uint8_t *ah;
	uint16_t fragoff;
	int err = xtbpf_header_find6(p, IPPROTO_AH, &at, &fragoff);

	if (err < 0) {
		p->hotdrop = p->hotdrop || err != -ENOENT;
		return false;
	}
	ah = xtbpf_eval_bytes(p, at, AH_HEADER);
	if (!ah) {
		p->hotdrop = true;
		return false;
	}
	size = xtbpf_header_size6(IPPROTO_AH, ah);
	if (!xtbpf_eval_bytes(p, at, size)) {
		p->hotdrop = true;
		return false;
	}
	spi = (uint32_t)ah[4] << 24 | (uint32_t)ah[5] << 16 | (uint32_t)ah[6] << 8 | ah[7];
	if ((spi >= info->spis[0] && spi <= info->spis[1]) == !!(info->invflags & IP6T_AH_INV_SPI))
		return false;
	if (info->hdrlen && (info->hdrlen == size) == !!(info->invflags & IP6T_AH_INV_LEN))
		return false;
	return !info->hdrres || (ah[2] == 0 && ah[3] == 0);
}

static const struct xtbpf_callee callee = {
	.name = "ah6",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_ah",
	.size = sizeof(struct ip6t_ah),
	.evaluate = ah6_evaluate,
};

static int ah6_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_ah6 = {
	.name = "ah",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_ah)),
	.usersize = sizeof(struct ip6t_ah),
	.check = ah6_check,
	.lower = ah6_lower,
	.evaluate = ah6_evaluate,
};
