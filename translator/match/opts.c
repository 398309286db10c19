// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m hbh, -m dst: net/ipv6/netfilter/ip6t_hbh.c */
#include "../extension.h"
#include "../header.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6t_opts.h>

static int opts_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct ip6t_opts *info = data;

	if (info->invflags & ~IP6T_OPTS_INV_MASK || info->optsnr > IP6T_OPTS_OPTSNR ||
	    info->flags & IP6T_OPTS_NSTRICT)
		return -EINVAL;
	return 0;
}

/*
 * The rule's options are the packet's first ones, in this order. Only the last
 * one asked for may be cut short by the header's end, and it has to start in it.
 */
static bool options_hold(const struct xtbpf_eval_pkt *p, const struct ip6t_opts *info, uint32_t at,
			 uint32_t left)
{
	unsigned int i;

	for (i = 0; i < info->optsnr; i++) {
		const uint8_t *opt = left >= 1 ? xtbpf_eval_bytes(p, at, 1) : NULL;
		uint8_t want = info->opts[i] & 0xff;
		uint32_t size = 1;

		if (!opt || opt[0] != info->opts[i] >> 8)
			return false;
		if (opt[0]) {
			opt = left >= 2 ? xtbpf_eval_bytes(p, at, 2) : NULL;
			if (!opt || (want != 0xff && want != opt[1]))
				return false;
			size = opt[1] + 2u;
		}
		if (i + 1u < info->optsnr && left < size)
			return false;
		at += size;
		left -= size;
	}
	return true;
}

static bool opts_evaluate(struct xtbpf_eval_pkt *p, const struct ip6t_opts *info, int type)
{
	const uint8_t *hdr;
	uint32_t at, size;
	uint16_t fragoff;
	int err = xtbpf_header_find6(p, type, &at, &fragoff);

	if (err < 0) {
		p->hotdrop = p->hotdrop || err != -ENOENT;
		return false;
	}
	hdr = p->pkt->l3 + at; /* its first 2 bytes are there */
	size = xtbpf_header_size6((uint8_t)type, hdr);
	if (!xtbpf_eval_bytes(p, at, size)) {
		p->hotdrop = true;
		return false;
	}
	if (info->flags & IP6T_OPTS_OPTS && !options_hold(p, info, at + 2, size - 2))
		return false;
	return !(info->flags & IP6T_OPTS_LEN) ||
	       (info->hdrlen == size) != !!(info->invflags & IP6T_OPTS_INV_LEN);
}

static bool hbh_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	return opts_evaluate(p, data, IPPROTO_HOPOPTS);
}

static bool dst_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	return opts_evaluate(p, data, IPPROTO_DSTOPTS);
}

static const struct xtbpf_callee hbh_callee = {
	.name = "hbh",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_opts",
	.size = sizeof(struct ip6t_opts),
	.evaluate = hbh_evaluate,
};

static const struct xtbpf_callee dst_callee = {
	.name = "dst",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_opts",
	.size = sizeof(struct ip6t_opts),
	.evaluate = dst_evaluate,
};

static int hbh_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &hbh_callee, data, false);
}

static int dst_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &dst_callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_hbh = {
	.name = "hbh",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_opts)),
	.usersize = sizeof(struct ip6t_opts),
	.check = opts_check,
	.lower = hbh_lower,
	.evaluate = hbh_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_dst = {
	.name = "dst",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_opts)),
	.usersize = sizeof(struct ip6t_opts),
	.check = opts_check,
	.lower = dst_lower,
	.evaluate = dst_evaluate,
};
