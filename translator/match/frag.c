// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m frag: net/ipv6/netfilter/ip6t_frag.c; the header length of its structure is not looked at */
#include "../extension.h"
#include "../header.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6t_frag.h>

#define FRAG_HEADER 8
#define MORE 0x01
#define RESERVED 0x06

static int frag_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ip6t_frag *info = data;

	return info->invflags & ~IP6T_FRAG_INV_MASK ? -EINVAL : 0;
}

static bool frag_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ip6t_frag *info = data;
	const uint8_t *fh;
	uint32_t at, id;
	uint16_t fragoff;
	int err = xtbpf_header_find6(p, IPPROTO_FRAGMENT, &at, &fragoff);

	if (err < 0) {
		p->hotdrop = p->hotdrop || err != -ENOENT;
		return false;
	}
	fh = xtbpf_eval_bytes(p, at, FRAG_HEADER);
	if (!fh) {
		p->hotdrop = true;
		return false;
	}
	id = (uint32_t)fh[4] << 24 | (uint32_t)fh[5] << 16 | (uint32_t)fh[6] << 8 | fh[7];
	if ((id >= info->ids[0] && id <= info->ids[1]) == !!(info->invflags & IP6T_FRAG_INV_IDS))
		return false;
	if (info->flags & IP6T_FRAG_RES && (fh[1] || fh[3] & RESERVED))
		return false;
	if (info->flags & IP6T_FRAG_FST && fragoff)
		return false;
	if (info->flags & IP6T_FRAG_MF && !(fh[3] & MORE))
		return false;
	return !(info->flags & IP6T_FRAG_NMF && fh[3] & MORE);
}

static const struct xtbpf_callee callee = {
	.name = "frag",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_frag",
	.size = sizeof(struct ip6t_frag),
	.evaluate = frag_evaluate,
};

static int frag_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_frag = {
	.name = "frag",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_frag)),
	.usersize = sizeof(struct ip6t_frag),
	.check = frag_check,
	.lower = frag_lower,
	.evaluate = frag_evaluate,
};
