// SPDX-License-Identifier: GPL-2.0-only
#include "random_head.h"

#include <string.h>

static uint8_t invert(struct rnd *r)
{
	return rnd_one_in(r, 3) ? (uint8_t)(rnd_one_in(r, 8) ? 2 : 1) : 0;
}

static void add_iprange(struct rnd *r, bool v6, struct rule *u, struct rnd_head *p)
{
	union nf_inet_addr *a[] = { &p->iprange.src_min, &p->iprange.src_max, &p->iprange.dst_min,
				    &p->iprange.dst_max };
	unsigned int last = v6 ? 15 : 3;

	for (unsigned int i = 0; i < 4; i++) {
		uint8_t *b = (uint8_t *)a[i];

		b[0] = (uint8_t)(10 + rnd_below(r, 2));
		b[(last + 1) / 2] = (uint8_t)rnd_below(r, 2);
		b[last] = (uint8_t)rnd_below(r, 4);
		if (i % 2 && rnd_one_in(r, 3))
			memset(b + 1, 0xff, last);
	}
	p->iprange.flags = (uint8_t)(rnd_below(r, 4) | rnd_below(r, 4) << 4);
	rule_match(u, "iprange", 1, &p->iprange, sizeof(p->iprange));
}

static void add_length(struct rnd *r, struct rule *u, struct rnd_head *p)
{
	p->length.min = (uint16_t)rnd_below(r, 80);
	p->length.max = (uint16_t)(rnd_one_in(r, 3) ? 65535 : p->length.min + rnd_below(r, 40));
	p->length.invert = invert(r);
	rule_match(u, "length", 0, &p->length, sizeof(p->length));
}

static void add_ip_field(struct rnd *r, bool v6, struct rule *u, struct rnd_head *p)
{
	switch (rnd_below(r, 4)) {
	case 0:
		p->ttl.mode = (uint8_t)rnd_below(r, 4);
		p->ttl.ttl = (uint8_t)(rnd_one_in(r, 6) ? rnd_below(r, 2) * 255 : rnd_below(r, 6));
		rule_match(u, v6 ? "hl" : "ttl", 0, &p->ttl, sizeof(p->ttl));
		return;
	case 1:
		p->dscp.dscp = (uint8_t)rnd_below(r, 4);
		p->dscp.invert = invert(r);
		rule_match(u, "dscp", 0, &p->dscp, sizeof(p->dscp));
		return;
	case 2:
		p->tos.tos_mask = (uint8_t)(rnd_one_in(r, 2) ? 255 : rnd_below(r, 16));
		p->tos.tos_value = (uint8_t)rnd_below(r, 16);
		p->tos.invert = invert(r);
		rule_match(u, "tos", 1, &p->tos, sizeof(p->tos));
		return;
	default:
		add_length(r, u, p);
	}
}

static void add_ecn(struct rnd *r, bool tcp, struct rule *u, struct rnd_head *p)
{
	p->ecn.operation = (uint8_t)(rnd_below(r, 2) | (tcp ? rnd_below(r, 4) << 4 : 0));
	p->ecn.invert = (uint8_t)(rnd_below(r, 2) | rnd_below(r, 4) << 4);
	p->ecn.ip_ect = (uint8_t)rnd_below(r, rnd_one_in(r, 9) ? 6 : 4);
	rule_match(u, "ecn", 0, &p->ecn, sizeof(p->ecn));
}

static void add_machine(struct rnd *r, enum xtbpf_hook hook, struct rule *u, struct rnd_head *p)
{
	bool in = hook == XTBPF_INPUT || hook == XTBPF_FORWARD;

	switch (rnd_below(r, 4)) {
	case 0:
		p->pkttype.pkttype = rnd_one_in(r, 9) ? 256 : (int)rnd_below(r, 5);
		p->pkttype.invert = invert(r);
		rule_match(u, "pkttype", 0, &p->pkttype, sizeof(p->pkttype));
		return;
	case 1:
		p->cpu.cpu = rnd_below(r, 2);
		p->cpu.invert = rnd_below(r, 2);
		rule_match(u, "cpu", 0, &p->cpu, sizeof(p->cpu));
		return;
	case 2:
		if (!in)
			return;
		p->mac.srcaddr[0] = 2;
		p->mac.srcaddr[5] = (uint8_t)rnd_below(r, 3);
		p->mac.invert = invert(r);
		rule_match(u, "mac", 0, &p->mac, sizeof(p->mac));
		return;
	default:
		if (hook == XTBPF_NHOOK)
			return;
		p->group.flags = rnd_below(r, 16);
		if (hook != XTBPF_FORWARD)
			p->group.flags &=
				~(uint32_t)(in ? XT_DEVGROUP_MATCH_DST : XT_DEVGROUP_MATCH_SRC);
		p->group.src_group = rnd_below(r, 4);
		p->group.src_mask = rnd_one_in(r, 2) ? UINT32_MAX : rnd_below(r, 4);
		p->group.dst_group = rnd_below(r, 4);
		p->group.dst_mask = rnd_one_in(r, 2) ? UINT32_MAX : rnd_below(r, 4);
		rule_match(u, "devgroup", 0, &p->group, sizeof(p->group));
	}
}

static void add_spi(struct rnd *r, const char *name, struct rule *u, struct rnd_head *p)
{
	p->spi.spis[0] = rnd_one_in(r, 4) ? 0 : rnd_below(r, 1u << 30) * 2;
	p->spi.spis[1] = rnd_one_in(r, 4) ? UINT32_MAX : rnd_below(r, 1u << 31);
	if (!strcmp(name, "ipcomp") && rnd_one_in(r, 2)) {
		p->spi.spis[0] = rnd_below(r, 70000);
		p->spi.spis[1] = rnd_below(r, 70000);
	}
	p->spi.invflags = (uint8_t)rnd_below(r, 2);
	rule_match(u, name, 0, &p->spi, sizeof(p->spi));
}

static void add_mss(struct rnd *r, struct rule *u, struct rnd_head *p)
{
	p->mss.mss_min = (uint16_t)rnd_below(r, 1600);
	p->mss.mss_max = (uint16_t)(rnd_one_in(r, 3) ? 65535 : rnd_below(r, 1600));
	p->mss.invert = invert(r);
	rule_match(u, "tcpmss", 0, &p->mss, sizeof(p->mss));
}

void rnd_head_matches(struct rnd *r, enum xtbpf_family family, enum xtbpf_hook hook, uint16_t proto,
		      struct rule *u, struct rnd_head *p)
{
	bool v6 = family == XTBPF_IPV6;

	if (rnd_one_in(r, 8))
		add_iprange(r, v6, u, p);
	if (rnd_one_in(r, 6))
		add_ip_field(r, v6, u, p);
	if (rnd_one_in(r, 10))
		add_machine(r, hook, u, p);
	if (rnd_one_in(r, 8))
		add_ecn(r, proto == 6, u, p);
	if (proto == 6 && rnd_one_in(r, 4))
		add_mss(r, u, p);
	if (proto == 50 && !rnd_one_in(r, 3))
		add_spi(r, "esp", u, p);
	if (proto == 51 && !v6 && !rnd_one_in(r, 3))
		add_spi(r, "ah", u, p);
	if (proto == 108 && !rnd_one_in(r, 3))
		add_spi(r, "ipcomp", u, p);
}
