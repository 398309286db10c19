// SPDX-License-Identifier: GPL-2.0-only
#include "random_ip6.h"

#include <linux/in6.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEADERS 120

/* ---- packets ------------------------------------------------------------ */

static void put_address(struct rnd *r, uint8_t *at)
{
	memset(at, 0, 16);
	at[0] = (uint8_t)(10 + rnd_below(r, 2));
	at[15] = (uint8_t)rnd_below(r, 2);
}

/* Options that ip6_parse_tlv lets pass; the rest of the header is padding. */
static void put_options(struct rnd *r, uint8_t *h, uint32_t size)
{
	uint32_t at = 2;

	while (at < size) {
		uint32_t left = size - at;

		h[at] = (uint8_t)(rnd_one_in(r, 3) ? 0 : rnd_one_in(r, 2) ? 1 : 0x1e);
		if (left < 2)
			h[at] = 0;
		if (!h[at]) {
			at++;
			continue;
		}
		h[at + 1] = (uint8_t)(left == 2 ? 0 : rnd_below(r, left - 1 < 6 ? left - 1 : 6));
		at += h[at + 1] + 2u;
	}
}

static void put_routing(struct rnd *r, uint8_t *h, uint32_t size)
{
	h[2] = (uint8_t)(rnd_one_in(r, 4) ? rnd_below(r, 5) : rnd_one_in(r, 2) ? 0 : 4);
	h[3] = (uint8_t)rnd_below(r, 3);
	h[4] = (uint8_t)(h[2] == 4 ? rnd_below(r, 4) : rnd_one_in(r, 4));
	h[7] = (uint8_t)(h[2] == 4 ? rnd_below(r, 3) : 0);
	for (uint32_t at = 8; at + 16 <= size; at += 16)
		put_address(r, h + at);
}

/* One header of that kind; its size. */
static uint32_t put_header(struct rnd *r, uint8_t kind, uint8_t *h, uint32_t room)
{
	uint32_t words = rnd_below(r, kind == IPPROTO_ROUTING ? 6 : 3), size = (words + 1) * 8;

	if (kind == IPPROTO_FRAGMENT)
		size = 8;
	if (kind == IPPROTO_AH)
		size = 16;
	if (size > room)
		return 0;
	memset(h, 0, size);
	h[1] = (uint8_t)(kind == IPPROTO_AH ? 2 : kind == IPPROTO_FRAGMENT ? 0 : words);
	switch (kind) {
	case IPPROTO_FRAGMENT:
		h[1] = (uint8_t)(rnd_one_in(r, 6) ? 1 : 0);
		h[2] = (uint8_t)(rnd_one_in(r, 4) ? 1 : 0);
		h[3] = (uint8_t)(rnd_one_in(r, 2) ? rnd_below(r, 2) : rnd_below(r, 32));
		h[7] = (uint8_t)rnd_below(r, 4);
		break;
	case IPPROTO_AH:
		h[3] = (uint8_t)rnd_one_in(r, 6);
		h[7] = (uint8_t)rnd_below(r, 4);
		break;
	case IPPROTO_ROUTING:
		put_routing(r, h, size);
		break;
	default:
		put_options(r, h, size);
	}
	if (rnd_one_in(r, 12) && kind != IPPROTO_HOPOPTS)
		h[1] = (uint8_t)rnd_below(r, rnd_one_in(r, 2) ? 8 : 256); /* a lie */
	return size;
}

uint32_t rnd_ip6_headers(struct rnd *r, uint8_t *ip, uint8_t **next)
{
	static const uint8_t kinds[] = { 0, 43, 43, 44, 44, 51, 60, 60 };
	bool many = rnd_one_in(r, 16);
	uint32_t at = 40, size;

	*next = ip + 6;
	while (many ? at < 40 + HEADERS : rnd_one_in(r, 2)) {
		uint8_t kind = many ? IPPROTO_DSTOPTS : kinds[rnd_below(r, COUNT(kinds))];

		size = put_header(r, kind, ip + at, many ? 8 : 40 + HEADERS - at);
		if (!size && many)
			continue;
		if (!size || at >= 40 + HEADERS)
			break;
		**next = kind;
		*next = ip + at;
		at += size;
	}
	return at;
}

/* ---- rules ---------------------------------------------------------------- */

static void range32(struct rnd *r, uint32_t out[2])
{
	out[0] = rnd_below(r, 4);
	out[1] = rnd_one_in(r, 3) ? 0xffffffff : rnd_below(r, 5);
}

static void add_opts(struct rnd *r, struct rule *u, struct ip6t_opts *o)
{
	static const uint16_t pool[] = { 0x00ff, 0x0003, 0x01ff, 0x0100, 0x0104, 0x1eff, 0x1e02 };

	o->flags = (uint8_t)rnd_below(r, 4);
	o->invflags = (uint8_t)rnd_below(r, 2);
	o->hdrlen = 8 * rnd_below(r, 4);
	o->optsnr = (uint8_t)(rnd_one_in(r, 8) ? rnd_below(r, 17) : rnd_below(r, 4));
	for (unsigned int i = 0; i < IP6T_OPTS_OPTSNR; i++)
		o->opts[i] = pool[rnd_below(r, COUNT(pool))];
	rule_match(u, rnd_one_in(r, 2) ? "hbh" : "dst", 0, o, sizeof(*o));
}

static void add_rt(struct rnd *r, struct rule *u, struct ip6t_rt *rt)
{
	rt->flags = (uint8_t)rnd_below(r, 8);
	rt->invflags = (uint8_t)(rnd_one_in(r, 2) ? rnd_below(r, 8) : 0);
	rt->rt_type = rnd_one_in(r, 3) ? rnd_below(r, 300) : rnd_one_in(r, 2) ? 0 : 4;
	range32(r, rt->segsleft);
	rt->hdrlen = 8 * rnd_below(r, 7);
	if (rnd_one_in(r, 2)) {
		rt->flags = (uint8_t)((rt->flags & ~IP6T_RT_LEN) | IP6T_RT_TYP |
				      (rnd_one_in(r, 3) ? IP6T_RT_RES : 0) | rnd_below(r, 4) << 4);
		rt->rt_type = 0;
		rt->invflags &= (uint8_t)~IP6T_RT_INV_TYP;
	}
	rt->addrnr = (uint8_t)rnd_below(r, 4);
	for (unsigned int i = 0; i < 4; i++)
		put_address(r, rt->addrs[i].s6_addr);
	rule_match(u, "rt", 0, rt, sizeof(*rt));
}

static void add_srh(struct rnd *r, struct rule *u, struct rnd_ip6_payload *p)
{
	uint16_t flags =
		(uint16_t)(1u << rnd_below(r, 14) | (rnd_one_in(r, 2) << rnd_below(r, 14)));
	uint16_t inv = (uint16_t)(rnd_one_in(r, 2) ? rnd_below(r, 0x4000) : 0);
	uint16_t tag = (uint16_t)(rnd_below(r, 3) << 8);

	p->srh = (struct ip6t_srh){ (uint8_t)(rnd_one_in(r, 2) ? 6 : 60),
				    (uint8_t)rnd_below(r, 6),
				    (uint8_t)rnd_below(r, 3),
				    (uint8_t)rnd_below(r, 4),
				    tag,
				    flags,
				    inv };
	p->srh1 = (struct ip6t_srh1){ .next_hdr = p->srh.next_hdr,
				      .hdr_len = p->srh.hdr_len,
				      .segs_left = p->srh.segs_left,
				      .last_entry = p->srh.last_entry,
				      .tag = tag,
				      .mt_flags = flags,
				      .mt_invflags = inv };
	put_address(r, p->srh1.psid_addr.s6_addr);
	put_address(r, p->srh1.nsid_addr.s6_addr);
	put_address(r, p->srh1.lsid_addr.s6_addr);
	memset(&p->srh1.psid_msk, rnd_one_in(r, 2) ? 0xff : 0xfe, 16);
	memset(&p->srh1.nsid_msk, rnd_one_in(r, 2) ? 0xff : 0x01, 16);
	memset(&p->srh1.lsid_msk, rnd_one_in(r, 2) ? 0xff : 0x00, 16);
	if (rnd_one_in(r, 3))
		rule_match(u, "srh", 0, &p->srh, sizeof(p->srh));
	else
		rule_match(u, "srh", 1, &p->srh1, sizeof(p->srh1));
}

static void add_header(struct rnd *r, struct rule *u, struct ip6t_ipv6header_info *h)
{
	h->modeflag = (uint8_t)rnd_below(r, 2);
	h->matchflags = (uint8_t)(1u << rnd_below(r, 8) | 1u << rnd_below(r, 8) | rnd_one_in(r, 2));
	h->invflags = (uint8_t)(rnd_one_in(r, 2) ? 0 : h->modeflag ? rnd_below(r, 256) : 0xff);
	rule_match(u, "ipv6header", 0, h, sizeof(*h));
}

void rnd_ip6_match(struct rnd *r, struct rule *u, struct rnd_ip6_payload *p)
{
	switch (rnd_below(r, 7)) {
	case 0:
		range32(r, p->ah.spis);
		p->ah.hdrlen = rnd_one_in(r, 2) ? 0 : 4 * rnd_below(r, 8);
		p->ah.hdrres = rnd_one_in(r, 3);
		p->ah.invflags = (uint8_t)rnd_below(r, 4);
		rule_match(u, "ah", 0, &p->ah, sizeof(p->ah));
		return;
	case 1:
		range32(r, p->frag.ids);
		p->frag.flags = (uint8_t)(rnd_one_in(r, 2) ? rnd_below(r, 256) : 0);
		p->frag.invflags = (uint8_t)rnd_below(r, 4);
		rule_match(u, "frag", 0, &p->frag, sizeof(p->frag));
		return;
	case 2:
	case 3:
		add_opts(r, u, &p->opts);
		return;
	case 4:
		add_header(r, u, &p->header);
		return;
	case 5:
		add_rt(r, u, &p->rt);
		return;
	default:
		add_srh(r, u, p);
	}
}

void rnd_mh_match(struct rnd *r, struct rule *u, struct rnd_ip6_payload *p)
{
	p->mh.types[0] = (uint8_t)rnd_below(r, 3);
	p->mh.types[1] = (uint8_t)(rnd_one_in(r, 3) ? 255 : rnd_below(r, 5));
	p->mh.invflags = rnd_one_in(r, 3);
	rule_match(u, "mh", 0, &p->mh, sizeof(p->mh));
}

void rnd_l2tp_match(struct rnd *r, struct rule *u, struct rnd_ip6_payload *p)
{
	struct xt_l2tp_info *l = &p->l2tp;

	l->flags = (uint8_t)(1 + rnd_below(r, 3)) | (uint8_t)(rnd_below(r, 4) << 2);
	l->tid = rnd_below(r, 3);
	l->sid = rnd_below(r, 3);
	l->version = (uint8_t)(u->ip4.proto == 17 ? 2 + rnd_below(r, 2) : 3);
	l->type = (uint8_t)rnd_below(r, 2);
	rule_match(u, "l2tp", 0, l, sizeof(*l));
}
