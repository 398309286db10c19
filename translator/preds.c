// SPDX-License-Identifier: LGPL-2.1-or-later
/* Predicates in canonical form (ruleset.h), so that emission need not think of odd cases. */
#include "arena.h"
#include "emit/emit.h"
#include "lower.h"

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>

struct xtbpf_pred *xtbpf_lower_pred(struct xtbpf_lower *low, enum xtbpf_pred_kind kind, bool invert)
{
	struct xtbpf_pred *p;

	if (low->npreds == low->room) {
		unsigned int room = low->room ? 2 * low->room : 16;

		p = realloc(low->preds, room * sizeof(*p));
		if (!p)
			return NULL;
		low->preds = p;
		low->room = room;
	}
	p = &low->preds[low->npreds++];
	memset(p, 0, sizeof(*p));
	p->kind = kind;
	p->invert = invert;
	return p;
}

struct xtbpf_range *xtbpf_lower_ranges(struct xtbpf_lower *low, struct xtbpf_pred *pred,
				       unsigned int n)
{
	pred->ranges.range = xtbpf_arena_alloc(low->rs->arena, n, sizeof(struct xtbpf_range));
	pred->ranges.n = pred->ranges.range ? n : 0;
	return pred->ranges.range;
}

int xtbpf_lower_never(struct xtbpf_lower *low)
{
	struct xtbpf_pred *p = xtbpf_lower_pred(low, XTBPF_P_BITS, false);

	if (!p)
		return -ENOMEM;
	p->bits.field = XTBPF_F_PROTO;
	p->bits.value[0] = 1;
	return 0;
}

int xtbpf_lower_l4(struct xtbpf_lower *low, uint8_t need, bool frag1_hotdrop)
{
	struct xtbpf_pred *p = xtbpf_lower_pred(low, XTBPF_P_L4, false);

	if (!p)
		return -ENOMEM;
	p->l4.need = need;
	p->l4.frag1_hotdrop = frag1_hotdrop;
	return 0;
}

/* What does not depend on the packet. */
static int constant(struct xtbpf_lower *low, bool holds)
{
	return holds ? 0 : xtbpf_lower_never(low);
}

int xtbpf_lower_any(struct xtbpf_lower *low, const struct xtbpf_range *range, unsigned int n,
		    bool invert)
{
	struct xtbpf_pred *p;
	struct xtbpf_range *to;

	if (n == 0)
		return constant(low, invert);
	p = xtbpf_lower_pred(low, XTBPF_P_RANGES, invert);
	if (!p)
		return -ENOMEM;
	to = xtbpf_lower_ranges(low, p, n);
	if (!to)
		return -ENOMEM;
	memcpy(to, range, n * sizeof(*range));
	return 0;
}

/* The greatest value of a field of up to 4 bytes. */
static uint32_t greatest(enum xtbpf_field field)
{
	return UINT32_MAX >> (32 - 8 * xtbpf_field(field, XTBPF_IPV4).width);
}

int xtbpf_lower_range(struct xtbpf_lower *low, enum xtbpf_field field, uint32_t lo, uint32_t hi,
		      bool invert)
{
	struct xtbpf_range range = { field, lo, hi };

	if (lo == 0 && hi >= greatest(field))
		return constant(low, !invert);
	if (lo > greatest(field))
		return constant(low, invert);
	if (hi > greatest(field))
		range.hi = greatest(field);
	return xtbpf_lower_any(low, &range, lo <= hi, invert);
}

int xtbpf_lower_bits(struct xtbpf_lower *low, enum xtbpf_field field, const void *value,
		     const void *mask, size_t len, bool invert)
{
	const uint8_t *v = value, *m = mask;
	bool all = true, outside = false;
	struct xtbpf_pred *p;
	size_t i;

	for (i = 0; i < len; i++) {
		all = all && m[i] == 0;
		outside = outside || v[i] & ~m[i];
	}
	if (outside)
		return constant(low, invert);
	if (all)
		return constant(low, !invert);
	p = xtbpf_lower_pred(low, XTBPF_P_BITS, invert);
	if (!p)
		return -ENOMEM;
	p->bits.field = field;
	memcpy(p->bits.value, v, len);
	memcpy(p->bits.mask, m, len);
	return 0;
}

int xtbpf_lower_wide(struct xtbpf_lower *low, enum xtbpf_field field, const void *lo,
		     const void *hi, bool invert)
{
	struct xtbpf_pred *p;

	if (memcmp(lo, hi, sizeof(p->wide.lo)) > 0)
		return constant(low, invert);
	p = xtbpf_lower_pred(low, XTBPF_P_WIDE, invert);
	if (!p)
		return -ENOMEM;
	p->wide.field = field;
	memcpy(p->wide.lo, lo, sizeof(p->wide.lo));
	memcpy(p->wide.hi, hi, sizeof(p->wide.hi));
	return 0;
}

int xtbpf_lower_set(struct xtbpf_lower *low, enum xtbpf_field field, const uint8_t set[32],
		    bool invert)
{
	struct xtbpf_range range[128];
	unsigned int n = 0;

	for (unsigned int v = 0; v <= UINT8_MAX; v++) {
		if (!(set[v / 8] >> v % 8 & 1))
			continue;
		if (n && range[n - 1].hi + 1 == v)
			range[n - 1].hi = v;
		else
			range[n++] = (struct xtbpf_range){ field, v, v };
	}
	if (n == 1)
		return xtbpf_lower_range(low, field, range[0].lo, range[0].hi, invert);
	return xtbpf_lower_any(low, range, n, invert);
}

int xtbpf_lower_guard(struct xtbpf_lower *low, enum xtbpf_pred_kind kind)
{
	return xtbpf_lower_pred(low, kind, false) ? 0 : -ENOMEM;
}

int xtbpf_lower_need(struct xtbpf_lower *low, uint8_t need, bool hotdrop)
{
	struct xtbpf_pred *p = xtbpf_lower_pred(low, XTBPF_P_NEED, false);

	if (!p)
		return -ENOMEM;
	p->need.need = need;
	p->need.hotdrop = hotdrop;
	return 0;
}

int xtbpf_lower_head(struct xtbpf_lower *low, uint8_t need)
{
	int err = xtbpf_lower_guard(low, XTBPF_P_FIRST);

	return err ? err : xtbpf_lower_need(low, need, true);
}

int xtbpf_lower_call(struct xtbpf_lower *low, const struct xtbpf_callee *to, const void *data,
		     bool invert)
{
	struct xtbpf_pred *p = xtbpf_lower_pred(low, XTBPF_P_CALL, invert);
	void *copy = p ? xtbpf_arena_alloc(low->rs->arena, 1, to->size) : NULL;

	if (!copy)
		return -ENOMEM;
	if (to->size > INT32_MAX / 2 - low->rs->call_size)
		return -ENOMEM;
	memcpy(copy, data, to->size);
	p->call.to = to;
	p->call.data = copy;
	p->call.at = low->rs->call_size;
	low->rs->call_size += (to->size + 7) & ~7u;
	return 0;
}

/* The kernel masks both sides: "(dev ^ name) & mask" (ifname_compare_aligned). */
static int lower_masked(struct xtbpf_lower *low, enum xtbpf_field field, const void *value,
			const void *mask, bool invert)
{
	uint8_t v[16];
	size_t i;

	for (i = 0; i < sizeof(v); i++)
		v[i] = ((const uint8_t *)value)[i] & ((const uint8_t *)mask)[i];
	return xtbpf_lower_bits(low, field, v, mask, sizeof(v), invert);
}

static int lower_proto(struct xtbpf_lower *low, uint16_t proto, bool invert)
{
	static const uint16_t mask = 0xffff;

	if (!proto)
		return 0;
	if (proto > UINT8_MAX)
		return constant(low, invert);
	return xtbpf_lower_bits(low, XTBPF_F_PROTO, &proto, &mask, sizeof(mask), invert);
}

/*
 * -f, last in ip_packet_match: "(F_FRAG && !isfrag) ^ INV_FRAG" is a mismatch,
 * so INV_FRAG without F_FRAG never matches.
 */
static int lower_frag(struct xtbpf_lower *low, uint8_t flags, uint8_t invflags)
{
	static const uint8_t one = 1, mask = 0xff;
	bool invert = invflags & IPT_INV_FRAG;

	if (!(flags & IPT_F_FRAG))
		return constant(low, !invert);
	return xtbpf_lower_bits(low, XTBPF_F_FRAG, &one, &mask, 1, invert);
}

static int lower_ip4(struct xtbpf_lower *low, const struct ipt_ip *ip)
{
	uint8_t inv = ip->invflags;
	int err;

	err = xtbpf_lower_bits(low, XTBPF_F_SADDR, &ip->src, &ip->smsk, sizeof(ip->src),
			       inv & IPT_INV_SRCIP);
	if (!err)
		err = xtbpf_lower_bits(low, XTBPF_F_DADDR, &ip->dst, &ip->dmsk, sizeof(ip->dst),
				       inv & IPT_INV_DSTIP);
	if (!err)
		err = lower_masked(low, XTBPF_F_IN, ip->iniface, ip->iniface_mask,
				   inv & IPT_INV_VIA_IN);
	if (!err)
		err = lower_masked(low, XTBPF_F_OUT, ip->outiface, ip->outiface_mask,
				   inv & IPT_INV_VIA_OUT);
	if (!err)
		err = lower_proto(low, ip->proto, inv & IPT_INV_PROTO);
	if (!err)
		err = lower_frag(low, ip->flags, inv);
	return err;
}

static int lower_ip6(struct xtbpf_lower *low, const struct ip6t_ip6 *ip)
{
	uint8_t inv = ip->invflags;
	int err;

	err = lower_masked(low, XTBPF_F_SADDR, &ip->src, &ip->smsk, inv & IP6T_INV_SRCIP);
	if (!err)
		err = lower_masked(low, XTBPF_F_DADDR, &ip->dst, &ip->dmsk, inv & IP6T_INV_DSTIP);
	if (!err)
		err = lower_masked(low, XTBPF_F_IN, ip->iniface, ip->iniface_mask,
				   inv & IP6T_INV_VIA_IN);
	if (!err)
		err = lower_masked(low, XTBPF_F_OUT, ip->outiface, ip->outiface_mask,
				   inv & IP6T_INV_VIA_OUT);
	if (err || !(ip->flags & IP6T_F_PROTO))
		return err;
	if (!xtbpf_lower_pred(low, XTBPF_P_PROTO6, false))
		return -ENOMEM;
	return lower_proto(low, ip->proto, inv & IP6T_INV_PROTO);
}

int xtbpf_lower_ip(struct xtbpf_lower *low, const struct xtbpf_view *v)
{
	if (low->rs->family == XTBPF_IPV6)
		return lower_ip6(low, &((const struct ip6t_entry *)v->at)->ipv6);
	return lower_ip4(low, &((const struct ipt_entry *)v->at)->ip);
}
