// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m rt: net/ipv6/netfilter/ip6t_rt.c */
#include "../extension.h"
#include "../header.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6t_rt.h>
#include <string.h>

#define RT0_HEADER 8 /* with the reserved word, before the addresses */

static int rt_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ip6t_rt *info = data;

	if (info->invflags & ~IP6T_RT_INV_MASK || info->addrnr > IP6T_RT_HOPS)
		return -EINVAL;
	if (info->flags & (IP6T_RT_RES | IP6T_RT_FST_MASK) &&
	    (!(info->flags & IP6T_RT_TYP) || info->rt_type != 0 ||
	     info->invflags & IP6T_RT_INV_TYP))
		return -EINVAL;
	return 0;
}

static bool address_is(const struct xtbpf_eval_pkt *p, uint32_t at, unsigned int n,
		       const struct in6_addr *want)
{
	const uint8_t *addr = xtbpf_eval_bytes(p, at + RT0_HEADER + n * 16, 16);

	return addr && memcmp(addr, want, 16) == 0;
}

/*
 * The rule's addresses in their order, with others between them. The kernel compares
 * before it asks whether all are found: a rule for none has its (zero) first slot compared.
 */
static bool loosely(const struct xtbpf_eval_pkt *p, uint32_t at, unsigned int there,
		    const struct ip6t_rt *info)
{
	unsigned int n, i = 0;

	if (!info->addrnr)
		return !there || !address_is(p, at, 0, &info->addrs[0]);
	for (n = 0; n < there && i < info->addrnr; n++)
		i += address_is(p, at, n, &info->addrs[i]);
	return i == info->addrnr;
}

/* The rule's addresses and no others. */
static bool strictly(const struct xtbpf_eval_pkt *p, uint32_t at, unsigned int there,
		     const struct ip6t_rt *info)
{
	unsigned int n;

	for (n = 0; n < info->addrnr; n++)
		if (!address_is(p, at, n, &info->addrs[n]))
			return false;
	return n == there;
}

static bool fields_hold(const struct ip6t_rt *info, const uint8_t *rh, uint32_t size)
{
	uint8_t inv = info->invflags;

	if ((rh[3] >= info->segsleft[0] && rh[3] <= info->segsleft[1]) == !!(inv & IP6T_RT_INV_SGS))
		return false;
	if (info->flags & IP6T_RT_LEN && (info->hdrlen == size) == !!(inv & IP6T_RT_INV_LEN))
		return false;
	return !(info->flags & IP6T_RT_TYP) ||
	       (info->rt_type == rh[2]) != !!(inv & IP6T_RT_INV_TYP);
}

static bool rt_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ip6t_rt *info = data;
	static const uint8_t zero[4];
	const uint8_t *rh;
	uint32_t at, size;
	uint16_t fragoff;
	int err = xtbpf_header_find6(p, IPPROTO_ROUTING, &at, &fragoff);

	if (err < 0) {
		p->hotdrop = p->hotdrop || err != -ENOENT;
		return false;
	}
	rh = p->pkt->l3 + at; /* its first 4 bytes are there */
	size = xtbpf_header_size6(IPPROTO_ROUTING, rh);
	if (!xtbpf_eval_bytes(p, at, size)) {
		p->hotdrop = true;
		return false;
	}
	if (!fields_hold(info, rh, size))
		return false;
	if (info->flags & IP6T_RT_RES && memcmp(rh + 4, zero, sizeof(zero)) != 0)
		return false;
	if (!(info->flags & IP6T_RT_FST))
		return true;
	if (info->addrnr > (size - RT0_HEADER) / 16)
		return false;
	if (info->flags & IP6T_RT_FST_NSTRICT)
		return loosely(p, at, (size - RT0_HEADER) / 16, info);
	return strictly(p, at, (size - RT0_HEADER) / 16, info);
}

static const struct xtbpf_callee callee = {
	.name = "rt",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_rt",
	.size = sizeof(struct ip6t_rt),
	.evaluate = rt_evaluate,
};

static int rt_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_rt = {
	.name = "rt",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_rt)),
	.usersize = sizeof(struct ip6t_rt),
	.check = rt_check,
	.lower = rt_lower,
	.evaluate = rt_evaluate,
};
