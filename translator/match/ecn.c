// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m ecn: net/netfilter/xt_ecn.c */
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_ecn.h>

#define TCP_HEADER 20
#define FLAGS_AT 13
#define TCP_ECE 0x40
#define TCP_CWR 0x80
#define OP_TCP (XT_ECN_OP_MATCH_ECE | XT_ECN_OP_MATCH_CWR)
#define IP_MASK 0x03

/* XT_ECN_OP_MATCH_MASK holds the bits that are no operation. */
static int ecn_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_ecn_info *info = data;

	if (info->operation & XT_ECN_OP_MATCH_MASK || info->invert & XT_ECN_OP_MATCH_MASK)
		return -EINVAL;
	if (info->operation & OP_TCP && (ctx->proto != IPPROTO_TCP || ctx->proto_inverted))
		return -EINVAL;
	return 0;
}

static int flag_lower(struct xtbpf_lower *low, const struct xt_ecn_info *info, uint8_t op,
		      uint8_t bit)
{
	uint8_t value[FLAGS_AT + 1] = { 0 };

	if (!(info->operation & op))
		return 0;
	value[FLAGS_AT] = bit;
	return xtbpf_lower_bits(low, XTBPF_F_HEAD, value, value, sizeof(value), info->invert & op);
}

/* Fragments are not told apart, and where the TCP header ends early the match is just false. */
static int ecn_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_ecn_info *info = data;
	const uint8_t mask = IP_MASK;
	int err = 0;

	if (info->operation & XT_ECN_OP_MATCH_IP)
		err = xtbpf_lower_bits(low, XTBPF_F_TOS, &info->ip_ect, &mask, 1,
				       info->invert & XT_ECN_OP_MATCH_IP);
	if (!err && info->operation & OP_TCP)
		err = xtbpf_lower_need(low, TCP_HEADER, false);
	if (!err)
		err = flag_lower(low, info, XT_ECN_OP_MATCH_ECE, TCP_ECE);
	if (!err)
		err = flag_lower(low, info, XT_ECN_OP_MATCH_CWR, TCP_CWR);
	return err;
}

static bool flag_holds(const struct xt_ecn_info *info, uint8_t flags, uint8_t op, uint8_t bit)
{
	return !(info->operation & op) || !(flags & bit) == !!(info->invert & op);
}

static bool ecn_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_ecn_info *info = data;
	const uint8_t *ip = p->pkt->l3, *th;
	uint8_t ect = (p->family == XTBPF_IPV6 ? ip[1] >> 4 : ip[1]) & IP_MASK;

	if (info->operation & XT_ECN_OP_MATCH_IP &&
	    (ect == info->ip_ect) == !!(info->invert & XT_ECN_OP_MATCH_IP))
		return false;
	if (!(info->operation & OP_TCP))
		return true;
	th = xtbpf_eval_bytes(p, p->thoff, TCP_HEADER);
	return th && flag_holds(info, th[FLAGS_AT], XT_ECN_OP_MATCH_ECE, TCP_ECE) &&
	       flag_holds(info, th[FLAGS_AT], XT_ECN_OP_MATCH_CWR, TCP_CWR);
}

const struct xtbpf_match_ops xtbpf_match_ecn4 = {
	.name = "ecn",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_ecn_info)),
	.usersize = sizeof(struct xt_ecn_info),
	.check = ecn_check,
	.lower = ecn_lower,
	.evaluate = ecn_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_ecn6 = {
	.name = "ecn",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_ecn_info)),
	.usersize = sizeof(struct xt_ecn_info),
	.check = ecn_check,
	.lower = ecn_lower,
	.evaluate = ecn_evaluate,
};
