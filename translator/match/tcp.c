// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m tcp: tcp_mt in net/netfilter/xt_tcpudp.c */
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_tcpudp.h>

#define TCP_HEADER 20
#define FLAGS_AT 13

static int tcp_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_tcp *info = data;

	return info->invflags & ~XT_TCP_INV_MASK ? -EINVAL : 0;
}

static int tcp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_tcp *info = data;
	struct xtbpf_pred *pred;
	int err;

	err = xtbpf_lower_l4(low, TCP_HEADER, true);
	if (!err)
		err = xtbpf_lower_range(low, XTBPF_F_SPORT, info->spts[0], info->spts[1],
					info->invflags & XT_TCP_INV_SRCPT);
	if (!err)
		err = xtbpf_lower_range(low, XTBPF_F_DPORT, info->dpts[0], info->dpts[1],
					info->invflags & XT_TCP_INV_DSTPT);
	if (!err)
		err = xtbpf_lower_bits(low, XTBPF_F_TCPFLAGS, &info->flg_cmp, &info->flg_mask, 1,
				       info->invflags & XT_TCP_INV_FLAGS);
	if (err || !info->option)
		return err;
	pred = xtbpf_lower_pred(low, XTBPF_P_TCPOPT, info->invflags & XT_TCP_INV_OPTION);
	if (!pred)
		return -ENOMEM;
	pred->option = info->option;
	return 0;
}

static bool in_range(const uint16_t range[2], uint16_t port, bool invert)
{
	return (port >= range[0] && port <= range[1]) != invert;
}

/*
 * tcp_find_option. The end-of-list option does not end the search, and an
 * option of length 0 is one byte long.
 */
static bool has_option(struct xtbpf_eval_pkt *p, uint8_t option, uint8_t data_offset, bool invert)
{
	uint32_t len, i = 0;
	const uint8_t *opt;

	if (data_offset * 4 < TCP_HEADER) {
		p->hotdrop = true;
		return false;
	}
	len = data_offset * 4u - TCP_HEADER;
	if (!len)
		return invert;
	opt = xtbpf_eval_bytes(p, p->thoff + TCP_HEADER, len);
	if (!opt) {
		p->hotdrop = true;
		return false;
	}
	while (i < len) {
		if (opt[i] == option)
			return !invert;
		if (opt[i] < 2 || i + 1 >= len || !opt[i + 1])
			i++;
		else
			i += opt[i + 1];
	}
	return invert;
}

static bool tcp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_tcp *info = data;
	const uint8_t *th;

	if (p->fragoff) {
		/* offset 1 would overwrite the flags that another fragment showed */
		if (p->fragoff == 1)
			p->hotdrop = true;
		return false;
	}
	th = xtbpf_eval_bytes(p, p->thoff, TCP_HEADER);
	if (!th) {
		p->hotdrop = true;
		return false;
	}
	if (!in_range(info->spts, (uint16_t)(th[0] << 8 | th[1]),
		      info->invflags & XT_TCP_INV_SRCPT) ||
	    !in_range(info->dpts, (uint16_t)(th[2] << 8 | th[3]),
		      info->invflags & XT_TCP_INV_DSTPT))
		return false;
	if (((th[FLAGS_AT] & info->flg_mask) == info->flg_cmp) ==
	    !!(info->invflags & XT_TCP_INV_FLAGS))
		return false;
	return !info->option ||
	       has_option(p, info->option, th[12] >> 4, info->invflags & XT_TCP_INV_OPTION);
}

const struct xtbpf_match_ops xtbpf_match_tcp4 = {
	.name = "tcp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_tcp)),
	.usersize = sizeof(struct xt_tcp),
	.proto = IPPROTO_TCP,
	.check = tcp_check,
	.lower = tcp_lower,
	.evaluate = tcp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_tcp6 = {
	.name = "tcp",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_tcp)),
	.usersize = sizeof(struct xt_tcp),
	.proto = IPPROTO_TCP,
	.check = tcp_check,
	.lower = tcp_lower,
	.evaluate = tcp_evaluate,
};
