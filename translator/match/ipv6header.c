// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m ipv6header: net/ipv6/netfilter/ip6t_ipv6header.c, which walks the headers in its own way */
#include "../extension.h"
#include "../header.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6t_ipv6header.h>

#define IP6_HEADER 40

static int ipv6header_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ip6t_ipv6header_info *info = data;

	return !info->modeflag && info->invflags != 0 && info->invflags != 0xff ? -EINVAL : 0;
}

/* The kind's bit; 0: no extension header. */
static uint8_t kind(uint8_t next)
{
	switch (next) {
	case IPPROTO_HOPOPTS:
		return MASK_HOPOPTS;
	case IPPROTO_ROUTING:
		return MASK_ROUTING;
	case IPPROTO_FRAGMENT:
		return MASK_FRAGMENT;
	case IPPROTO_ESP:
		return MASK_ESP;
	case IPPROTO_AH:
		return MASK_AH;
	case IPPROTO_NONE:
		return MASK_NONE;
	case IPPROTO_DSTOPTS:
		return MASK_DSTOPTS;
	default:
		return 0;
	}
}

/*
 * The set of headers in the packet; false: cut short. Unlike ipv6_find_hdr it
 * does not stop at a fragment header with an offset, and ends where a header
 * reaches beyond the packet.
 */
static bool collect(const struct xtbpf_eval_pkt *p, uint8_t *set)
{
	uint8_t next = p->pkt->l3[6], bit;
	uint32_t at = IP6_HEADER;

	*set = 0;
	while ((bit = kind(next)) != 0) {
		const uint8_t *hdr;

		if (next == IPPROTO_NONE) {
			*set |= MASK_NONE;
			return true;
		}
		hdr = xtbpf_eval_bytes(p, at, 2);
		if (!hdr)
			return false;
		*set |= bit;
		if (next == IPPROTO_ESP)
			return true;
		at += xtbpf_header_size6(next, hdr);
		next = hdr[0];
		if (at > p->pkt->len)
			break;
	}
	if (next != IPPROTO_NONE && next != IPPROTO_ESP)
		*set |= MASK_PROTO;
	return true;
}

static bool ipv6header_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ip6t_ipv6header_info *info = data;
	uint8_t set;

	if (!collect(p, &set))
		return false;
	if (info->modeflag)
		return !((set ^ info->matchflags ^ info->invflags) & info->matchflags);
	return (set == info->matchflags) == !info->invflags;
}

static const struct xtbpf_callee callee = {
	.name = "ipv6header",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_ipv6header_info",
	.size = sizeof(struct ip6t_ipv6header_info),
	.evaluate = ipv6header_evaluate,
};

static int ipv6header_lower(const struct xtbpf_ext_ctx *ctx, const void *data,
			    struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_ipv6header = {
	.name = "ipv6header",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_ipv6header_info)),
	.usersize = sizeof(struct ip6t_ipv6header_info),
	.check = ipv6header_check,
	.lower = ipv6header_lower,
	.evaluate = ipv6header_evaluate,
};
