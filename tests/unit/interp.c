// SPDX-License-Identifier: GPL-2.0-only
#include "interp.h"

#include "callees.h"

#include "translator/bpf/payload.h"
#include "translator/extension.h"

#include <netinet/in.h>
#include <string.h>

/* LATE: holds and is dropped, counted if the rest of the rule holds. */
enum answer { NO, YES, HOTDROP, LATE };

/* The packet that the last key was made of: what XTBPF_P_CALL looks into. */
static const struct xtbpf_packet *packet;

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- predicates on a key --------------------------------------------- */

static uint32_t number(const struct xtbpf_key *k, enum xtbpf_field f)
{
	switch (f) {
	case XTBPF_F_PROTO:
		return k->proto;
	case XTBPF_F_SPORT:
		return k->sport;
	case XTBPF_F_DPORT:
		return k->dport;
	case XTBPF_F_ICMP:
		return k->icmp;
	case XTBPF_F_IPLEN:
		return k->iplen;
	case XTBPF_F_MSS:
		return k->mss;
	case XTBPF_F_CPU:
		return k->cpu;
	case XTBPF_F_IN_GROUP:
		return k->in_group;
	case XTBPF_F_OUT_GROUP:
		return k->out_group;
	case XTBPF_F_TOS:
		return k->tos;
	case XTBPF_F_TTL:
		return k->ttl;
	case XTBPF_F_PKTTYPE:
		return k->pkttype;
	case XTBPF_F_HEAD8:
		return k->head[8];
	case XTBPF_F_SADDR:
		return ntohl(k->saddr[0]);
	case XTBPF_F_DADDR:
		return ntohl(k->daddr[0]);
	case XTBPF_F_HEAD0:
		return be32(k->head);
	case XTBPF_F_HEAD4:
		return be32(k->head + 4);
	default:
		__builtin_trap();
	}
}

static size_t field_bytes(const struct xtbpf_key *k, enum xtbpf_field f, enum xtbpf_family family,
			  uint8_t out[16])
{
	uint32_t v32;
	uint16_t v;

	switch (f) {
	case XTBPF_F_SADDR:
	case XTBPF_F_DADDR:
		memcpy(out, f == XTBPF_F_SADDR ? k->saddr : k->daddr, 16);
		return family == XTBPF_IPV6 ? 16 : 4;
	case XTBPF_F_IN:
	case XTBPF_F_OUT:
		memcpy(out, f == XTBPF_F_IN ? k->in : k->out, 16);
		return 16;
	case XTBPF_F_FRAG:
		out[0] = k->frag;
		return 1;
	case XTBPF_F_TOS:
		out[0] = k->tos;
		return 1;
	case XTBPF_F_TTL:
		out[0] = k->ttl;
		return 1;
	case XTBPF_F_PKTTYPE:
		out[0] = k->pkttype;
		return 1;
	case XTBPF_F_HEAD:
		memcpy(out, k->head, 16);
		return 16;
	case XTBPF_F_HEAD0:
	case XTBPF_F_HEAD4:
	case XTBPF_F_HEAD12:
	case XTBPF_F_HEAD16:
		memcpy(out,
		       k->head + (f == XTBPF_F_HEAD0	? 0
				  : f == XTBPF_F_HEAD4	? 4
				  : f == XTBPF_F_HEAD12 ? 12
							: 16),
		       4);
		return 4;
	case XTBPF_F_HEAD8:
		out[0] = k->head[8];
		return 1;
	case XTBPF_F_MAC:
		memcpy(out, k->mac, 6);
		memcpy(out + 6, &k->has_mac, 2);
		return 8;
	case XTBPF_F_IPLEN:
	case XTBPF_F_MSS:
	case XTBPF_F_CPU:
	case XTBPF_F_IN_GROUP:
	case XTBPF_F_OUT_GROUP:
		v32 = number(k, f);
		memcpy(out, &v32, sizeof(v32));
		return sizeof(v32);
	case XTBPF_F_TCPFLAGS:
		out[0] = k->tcp_flags;
		return 1;
	default:
		v = (uint16_t)number(k, f);
		memcpy(out, &v, sizeof(v));
		return sizeof(v);
	}
}

static bool bits_hold(const struct xtbpf_pred *p, const struct xtbpf_key *k,
		      enum xtbpf_family family)
{
	uint8_t field[16];
	size_t i, n = field_bytes(k, p->bits.field, family, field);

	for (i = 0; i < n; i++)
		if ((field[i] & p->bits.mask[i]) != p->bits.value[i])
			return false;
	return true;
}

static bool ranges_hold(const struct xtbpf_pred *p, const struct xtbpf_key *k)
{
	unsigned int i;

	for (i = 0; i < p->ranges.n; i++) {
		const struct xtbpf_range *r = &p->ranges.range[i];
		uint32_t v = number(k, r->field);

		if (v >= r->lo && v <= r->hi)
			return true;
	}
	return false;
}

static enum answer l4_guard(const struct xtbpf_pred *p, const struct xtbpf_key *k)
{
	uint8_t bad = p->l4.need == 4	? XTBPF_L4_SHORT4
		      : p->l4.need == 8 ? XTBPF_L4_SHORT8
					: XTBPF_L4_SHORT20;

	if (k->l4 & XTBPF_L4_FRAG)
		return p->l4.frag1_hotdrop && k->l4 & XTBPF_L4_FRAG1 ? HOTDROP : NO;
	return k->l4 & bad ? HOTDROP : YES;
}

static enum answer pred_holds(const struct xtbpf_pred *p, const struct xtbpf_key *k,
			      enum xtbpf_family family)
{
	struct xtbpf_eval_pkt at = {
		.family = family, .pkt = packet, .thoff = k->thoff, .fragoff = k->fragoff
	};
	uint8_t wide[16];
	bool hit;

	switch (p->kind) {
	case XTBPF_P_BITS:
		hit = bits_hold(p, k, family);
		break;
	case XTBPF_P_RANGES:
		hit = ranges_hold(p, k);
		break;
	case XTBPF_P_L4:
		return l4_guard(p, k);
	case XTBPF_P_PROTO6:
		return k->l4 & XTBPF_L4_NONE_DROP ? HOTDROP : YES;
	case XTBPF_P_FIRST:
		return k->l4 & XTBPF_L4_FRAG ? NO : YES;
	case XTBPF_P_NEED:
		return k->have >= p->need.need ? YES : p->need.hotdrop ? HOTDROP : NO;
	case XTBPF_P_BADOPT:
		return k->l4 & XTBPF_L4_BADOPT ? HOTDROP : YES;
	case XTBPF_P_WIDE:
		field_bytes(k, p->wide.field, family, wide);
		hit = memcmp(wide, p->wide.lo, 16) >= 0 && memcmp(wide, p->wide.hi, 16) <= 0;
		break;
	case XTBPF_P_CALL:
		if (!p->call.to->evaluate) {
			int got = callee_run(p->call.to, p->call.data, packet, k->thoff);

			if (got > XTBPF_CALL_TRUE)
				return got == XTBPF_CALL_HOTDROP ? HOTDROP : LATE;
			hit = got;
			break;
		}
		hit = p->call.to->evaluate(&at, p->call.data);
		if (at.hotdrop)
			return HOTDROP;
		break;
	case XTBPF_P_TCPOPT:
	default:
		if (k->l4 & XTBPF_L4_BADOPT)
			return HOTDROP;
		hit = k->tcpopt[p->option / 32] >> p->option % 32 & 1;
	}
	return hit != p->invert ? YES : NO;
}

static enum answer rule_holds(const struct xtbpf_rule *r, const struct xtbpf_key *k,
			      enum xtbpf_family family)
{
	enum answer a = YES;
	bool late = false;
	unsigned int i;

	for (i = 0; i < r->npreds && a == YES; i++) {
		a = pred_holds(&r->preds[i], k, family);
		late |= a == LATE;
		if (a == LATE)
			a = YES;
	}
	return late ? (a == YES ? LATE : HOTDROP) : a;
}

/* ---- chains ----------------------------------------------------------- */

/* Outcome of a chain: a verdict, or RETURNED. */
#define RETURNED 2

static void count(struct xtbpf_path *path, uint32_t entry)
{
	if (path->nhits < path->cap)
		path->hits[path->nhits] = entry;
	path->nhits++;
}

static int run_chain(const struct xtbpf_ruleset *rs, const struct xtbpf_chain *c,
		     const struct xtbpf_key *k, struct xtbpf_path *path)
{
	unsigned int i;
	int ret;

	for (i = 0; i < c->nrules; i++) {
		const struct xtbpf_rule *r = &c->rules[i];
		enum answer a = rule_holds(r, k, rs->family);

		if (a == HOTDROP)
			return XTBPF_DROP;
		if (a == NO)
			continue;
		count(path, r->entry);
		if (a == LATE)
			return XTBPF_DROP;
		switch (r->action) {
		case XTBPF_A_CONTINUE:
			break;
		case XTBPF_A_ACCEPT:
			return XTBPF_ACCEPT;
		case XTBPF_A_DROP:
			return XTBPF_DROP;
		case XTBPF_A_RETURN:
			return RETURNED;
		case XTBPF_A_GOTO:
			return run_chain(rs, &rs->chains[r->target], k, path);
		case XTBPF_A_JUMP:
			ret = run_chain(rs, &rs->chains[r->target], k, path);
			if (ret != RETURNED)
				return ret;
			break;
		}
	}
	__builtin_trap(); /* the last rule always holds and ends the chain */
}

enum xtbpf_verdict interp(const struct xtbpf_ruleset *rs, enum xtbpf_hook hook,
			  const struct xtbpf_key *key, struct xtbpf_path *path)
{
	const struct xtbpf_chain *c = &rs->chains[rs->base[hook]];
	const struct xtbpf_rule *policy = &c->rules[c->nrules - 1];
	int ret;

	path->nhits = 0;
	ret = run_chain(rs, c, key, path);
	if (ret != RETURNED)
		return (enum xtbpf_verdict)ret;
	count(path, policy->entry);
	return policy->action == XTBPF_A_ACCEPT ? XTBPF_ACCEPT : XTBPF_DROP;
}

/* ---- keys --------------------------------------------------------------- */

static void tcp_options(const uint8_t *th, uint32_t room, struct xtbpf_key *k)
{
	uint32_t size = (th[12] >> 4) * 4u, i = 20;

	if (size < 20 || size > room) {
		k->l4 |= XTBPF_L4_BADOPT;
		return;
	}
	while (i < size) {
		k->tcpopt[th[i] / 32] |= 1u << th[i] % 32;
		if (k->mss == XTBPF_MSS_NONE && th[i] == 2 && size - i >= 4 && th[i + 1] == 4)
			k->mss = get16(th + i + 2);
		i += th[i] < 2 || i + 1 == size || !th[i + 1] ? 1 : th[i + 1];
	}
}

/* The bytes at the transport header's place, and TCP's options there. */
static void head(const struct xtbpf_packet *pkt, uint32_t at, uint16_t fragoff, struct xtbpf_key *k)
{
	uint32_t room = pkt->len > at ? pkt->len - at : 0;

	k->have = (uint8_t)(room < sizeof(k->head) ? room : sizeof(k->head));
	if (room)
		memcpy(k->head, pkt->l3 + at, k->have);
	k->thoff = at;
	k->fragoff = fragoff;
	k->mss = XTBPF_MSS_NONE;
	if (k->proto == IPPROTO_TCP && room >= 20)
		tcp_options(pkt->l3 + at, room, k);
}

static void transport(const struct xtbpf_packet *pkt, uint32_t at, struct xtbpf_key *k)
{
	uint32_t room = pkt->len > at ? pkt->len - at : 0;
	const uint8_t *th = pkt->l3 + at;

	if (room >= 4) {
		k->sport = get16(th);
		k->dport = get16(th + 2);
		k->icmp = get16(th);
	} else {
		k->l4 |= XTBPF_L4_SHORT4;
	}
	if (room < 8)
		k->l4 |= XTBPF_L4_SHORT8;
	if (room < 20) {
		k->l4 |= XTBPF_L4_SHORT20;
		return;
	}
	k->tcp_flags = th[13];
}

static void key4(const struct xtbpf_packet *pkt, struct xtbpf_key *k)
{
	const uint8_t *ip = pkt->l3;
	uint16_t offset = get16(ip + 6) & 0x1fff;

	memcpy(k->saddr, ip + 12, 4);
	memcpy(k->daddr, ip + 16, 4);
	k->proto = ip[9];
	k->iplen = get16(ip + 2) ? get16(ip + 2) : pkt->len;
	k->tos = ip[1];
	k->ttl = ip[8];
	k->pkttype = pkt->pkt_type != 5 ? pkt->pkt_type : ip[16] >> 4 == 14 ? 2 : 1;
	head(pkt, (ip[0] & 15u) * 4, offset, k);
	if (offset) {
		k->frag = 1;
		k->l4 |= offset == 1 ? XTBPF_L4_FRAG | XTBPF_L4_FRAG1 : XTBPF_L4_FRAG;
		return;
	}
	transport(pkt, (ip[0] & 15u) * 4, k);
}

static void key6(const struct xtbpf_packet *pkt, struct xtbpf_key *k)
{
	uint32_t at = 40, need;
	uint8_t next = pkt->l3[6];

	memcpy(k->saddr, pkt->l3 + 8, 16);
	memcpy(k->daddr, pkt->l3 + 24, 16);
	k->iplen = pkt->len;
	k->tos = (uint8_t)(get16(pkt->l3) >> 4);
	k->ttl = pkt->l3[7];
	k->pkttype = pkt->pkt_type != 5 ? pkt->pkt_type : pkt->l3[24] == 255 ? 2 : 1;
	for (;;) {
		const uint8_t *h = pkt->l3 + at;

		if (next != 0 && next != 43 && next != 44 && next != 51 && next != 60)
			break;
		need = next == 43 || next == 44 ? 4 : 2;
		if (pkt->len < at + need) {
			k->l4 = XTBPF_L4_NONE_DROP;
			return;
		}
		if (next == 44 && get16(h + 2) >= 8) {
			bool more =
				h[0] == 0 || h[0] == 43 || h[0] == 44 || h[0] == 51 || h[0] == 60;

			k->proto = h[0];
			k->l4 = more ? XTBPF_L4_NONE_DROP : XTBPF_L4_FRAG;
			if (!more)
				head(pkt, 0, get16(h + 2) & ~7u, k); /* as ipv6_find_hdr */
			return;
		}
		at += next == 44 ? 8 : next == 51 ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
		next = h[0];
	}
	k->proto = next;
	head(pkt, at, 0, k);
	transport(pkt, at, k);
}

void interp_key(enum xtbpf_family family, const struct xtbpf_packet *pkt, struct xtbpf_key *key)
{
	packet = pkt;
	memset(key, 0, sizeof(*key));
	memcpy(key->in, pkt->in, strnlen(pkt->in, sizeof(key->in)));
	memcpy(key->out, pkt->out, strnlen(pkt->out, sizeof(key->out)));
	key->len = pkt->len;
	memcpy(key->mac, pkt->mac, sizeof(key->mac));
	key->has_mac = pkt->has_mac;
	key->cpu = pkt->cpu;
	key->in_group = pkt->in_group;
	key->out_group = pkt->out_group;
	if (family == XTBPF_IPV6)
		key6(pkt, key);
	else
		key4(pkt, key);
}
