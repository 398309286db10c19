// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m l2tp: net/netfilter/xt_l2tp.c. iptables has no such match; other clients may send it. */
#include "../extension.h"
#include "../header.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_l2tp.h>

#define UDP_HEADER 8
#define CONTROL_BIT 0x80 /* in the first byte */
#define LENGTH_BIT 0x40
#define VERSION_BITS 0x0f /* in the second byte */
#define ALL_FLAGS (XT_L2TP_TID | XT_L2TP_SID | XT_L2TP_VERSION | XT_L2TP_TYPE)
#define HOOKS                                                                                      \
	(1u << NF_INET_PRE_ROUTING | 1u << NF_INET_LOCAL_IN | 1u << NF_INET_LOCAL_OUT |            \
	 1u << NF_INET_FORWARD)

static int l2tp_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_l2tp_info *info = data;

	if (info->flags & ~ALL_FLAGS)
		return -EINVAL;
	if (!(info->flags & (XT_L2TP_TID | XT_L2TP_SID)) &&
	    !(info->flags & XT_L2TP_TYPE && info->type == XT_L2TP_TYPE_CONTROL))
		return -EINVAL;
	if (info->flags & XT_L2TP_VERSION) {
		if (info->version != 2 && info->version != 3)
			return -EINVAL;
		if (info->version == 2 && ((info->flags & XT_L2TP_TID && info->tid > 0xffff) ||
					   (info->flags & XT_L2TP_SID && info->sid > 0xffff)))
			return -EINVAL;
	}
	/* an inverted protocol is as good, and the version counts even if it is not asked for */
	if (ctx->proto != IPPROTO_UDP && ctx->proto != IPPROTO_L2TP)
		return -EINVAL;
	return ctx->proto == IPPROTO_L2TP && info->version == 2 ? -EINVAL : 0;
}

struct l2tp {
	uint32_t tid, sid;
	uint8_t type, version;
};

static uint32_t get32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* L2TP in UDP, versions 2 and 3. */
static bool read_udp(const struct xtbpf_eval_pkt *p, uint32_t at, struct l2tp *l)
{
	const uint8_t *head = xtbpf_eval_bytes(p, at, 2), *ids;

	if (!head)
		return false;
	l->type = head[0] & CONTROL_BIT ? XT_L2TP_TYPE_CONTROL : XT_L2TP_TYPE_DATA;
	l->version = head[1] & VERSION_BITS;
	if (l->version == 3) {
		ids = xtbpf_eval_bytes(p, at + 4, 4);
		if (!ids)
			return false;
		*(l->type == XT_L2TP_TYPE_CONTROL ? &l->tid : &l->sid) = get32(ids);
		return true;
	}
	if (l->version != 2)
		return false;
	ids = xtbpf_eval_bytes(p, at + (head[0] & LENGTH_BIT ? 4 : 2), 4);
	if (!ids)
		return false;
	l->tid = get32(ids) >> 16;
	l->sid = get32(ids) & 0xffff;
	return true;
}

/* Straight in IP: a session of number 0 is a control message. Fragments are not thought of. */
static bool read_ip(const struct xtbpf_eval_pkt *p, uint32_t at, struct l2tp *l)
{
	const uint8_t *b = xtbpf_eval_bytes(p, at, 4);

	if (!b)
		return false;
	l->version = 3;
	l->type = XT_L2TP_TYPE_DATA;
	l->sid = get32(b);
	if (l->sid)
		return true;
	l->type = XT_L2TP_TYPE_CONTROL;
	b = xtbpf_eval_bytes(p, at + 8, 4);
	if (b)
		l->tid = get32(b);
	return b != NULL;
}

static bool l2tp_holds(const struct xt_l2tp_info *info, const struct l2tp *l)
{
	bool control = l->type == XT_L2TP_TYPE_CONTROL;

	if (info->flags & XT_L2TP_TYPE && info->type != l->type)
		return false;
	if (info->flags & XT_L2TP_VERSION && info->version != l->version)
		return false;
	if (info->flags & XT_L2TP_TID && (control || l->version == 2) && info->tid != l->tid)
		return false;
	return !(info->flags & XT_L2TP_SID) || control || info->sid == l->sid;
}

static bool l2tp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	int proto = p->pkt->l3[9];
	uint16_t fragoff = p->fragoff;
	uint32_t at = p->thoff;
	struct l2tp l = { 0 };

	if (p->family == XTBPF_IPV6) {
		proto = xtbpf_header_find6(p, XTBPF_HEADER_LAST, &at, &fragoff);
		if (fragoff)
			return false;
	}
	switch (proto) {
	case IPPROTO_UDP:
		return !fragoff && read_udp(p, at + UDP_HEADER, &l) && l2tp_holds(data, &l);
	case IPPROTO_L2TP:
		return read_ip(p, at, &l) && l2tp_holds(data, &l);
	default:
		return false;
	}
}

static const struct xtbpf_callee callee4 = {
	.name = "l2tp4",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "xt_l2tp_info",
	.size = sizeof(struct xt_l2tp_info),
	.evaluate = l2tp_evaluate,
};

static const struct xtbpf_callee callee6 = {
	.name = "l2tp6",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "xt_l2tp_info",
	.size = sizeof(struct xt_l2tp_info),
	.evaluate = l2tp_evaluate,
};

static int l2tp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, ctx->family == XTBPF_IPV6 ? &callee6 : &callee4, data, false);
}

const struct xtbpf_match_ops xtbpf_match_l2tp4 = {
	.name = "l2tp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_l2tp_info)),
	.usersize = sizeof(struct xt_l2tp_info),
	.hooks = HOOKS,
	.check = l2tp_check,
	.lower = l2tp_lower,
	.evaluate = l2tp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_l2tp6 = {
	.name = "l2tp",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_l2tp_info)),
	.usersize = sizeof(struct xt_l2tp_info),
	.hooks = HOOKS,
	.check = l2tp_check,
	.lower = l2tp_lower,
	.evaluate = l2tp_evaluate,
};
