/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file headcall.h
 * Matches that need no more than the first bytes of the transport header, which are in
 * the key (head, have), but are no plain comparison of them.
 */
#ifndef XTBPF_HEADCALL_H
#define XTBPF_HEADCALL_H

#include <linux/in.h>
#include <linux/netfilter/xt_l2tp.h>
#include <linux/netfilter_ipv6/ip6t_mh.h>

#include "ext.h"
#include "key.h"

/* net/ipv6/netfilter/ip6t_mh.c, behind guards for fragments and for 6 bytes */
static __always_inline int mh_holds(const struct xtbpf_key *key, const struct ip6t_mh *info)
{
	__u8 type = key->head[2];

	if (key->head[0] != EXT_NONE)
		return 2;
	return (type >= info->types[0] && type <= info->types[1]) !=
	       !!(info->invflags & IP6T_MH_INV_TYPE);
}

struct l2tp {
	__u32 tid, sid;
	__u8 control, version;
};

static __always_inline __u32 be32_at(const __u8 *p)
{
	return (__u32)p[0] << 24 | (__u32)p[1] << 16 | (__u32)p[2] << 8 | p[3];
}

/* l2tp_udp_mt; 0: not there */
static __always_inline int l2tp_udp(const struct xtbpf_key *key, struct l2tp *l)
{
	const __u8 *h = key->head + 8;

	if (key->have < 10)
		return 0;
	l->control = !!(h[0] & 0x80);
	l->version = h[1] & 0x0f;
	if (l->version == 3) {
		if (l->control)
			l->tid = be32_at(h + 4);
		else
			l->sid = be32_at(h + 4);
		return key->have >= 16;
	}
	if (l->version != 2)
		return 0;
	if (h[0] & 0x40) {
		l->tid = be16_at(h + 4);
		l->sid = be16_at(h + 6);
		return key->have >= 16;
	}
	l->tid = be16_at(h + 2);
	l->sid = be16_at(h + 4);
	return key->have >= 14;
}

/* l2tp_ip_mt */
static __always_inline int l2tp_ip(const struct xtbpf_key *key, struct l2tp *l)
{
	l->version = 3;
	l->sid = be32_at(key->head);
	l->control = !l->sid;
	if (l->control)
		l->tid = be32_at(key->head + 8);
	return key->have >= (l->control ? 12 : 4);
}

/* net/netfilter/xt_l2tp.c; only IPv4 looks at later fragments of L2TP in IP */
static __always_inline int l2tp_holds(const struct xtbpf_key *key, const struct xt_l2tp_info *info,
				      int v6)
{
	struct l2tp l = {};

	if (key->l4 & XTBPF_L4_NONE_DROP)
		return 0;
	if (key->proto == IPPROTO_UDP) {
		if (key->fragoff || !l2tp_udp(key, &l))
			return 0;
	} else if (key->proto != IPPROTO_L2TP || (v6 && key->fragoff) || !l2tp_ip(key, &l)) {
		return 0;
	}
	if (info->flags & XT_L2TP_TYPE &&
	    info->type != (l.control ? XT_L2TP_TYPE_CONTROL : XT_L2TP_TYPE_DATA))
		return 0;
	if (info->flags & XT_L2TP_VERSION && info->version != l.version)
		return 0;
	if (info->flags & XT_L2TP_TID && (l.control || l.version == 2) && info->tid != l.tid)
		return 0;
	return !(info->flags & XT_L2TP_SID && !l.control && info->sid != l.sid);
}

#endif
