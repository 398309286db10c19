/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/aim.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static size_t alen(const struct aim *a)
{
	return a->t->family == 4 ? 4 : 16;
}

static void reach(struct aim *a, int hook, int chain)
{
	for (unsigned int i = 0; i < a->t->nrule; i++) {
		const struct r_rule *r = &a->t->rule[i];

		if (r->chain != chain || r->to < 0 || a->parent[hook][r->to] != -1)
			continue;
		a->parent[hook][r->to] = (int)i;
		reach(a, hook, r->to);
	}
}

int aim_init(const struct r_table *t, const struct topo_conf *conf, uint64_t seed, struct aim *out)
{
	*out = (struct aim){ .t = t, .conf = conf, .rng = { .s = seed }, .strange = 25 };
	for (int h = 0; h < 5; h++) {
		out->parent[h] = malloc((t->nchain + 1) * sizeof(int));
		if (!out->parent[h]) {
			aim_free(out);
			return -ENOMEM;
		}
		for (unsigned int c = 0; c < t->nchain; c++)
			out->parent[h][c] = -1;
		for (unsigned int c = 0; c < t->nchain; c++) {
			if (t->chain[c].hook != h)
				continue;
			out->parent[h][c] = -2;
			reach(out, h, (int)c);
		}
	}
	return 0;
}

void aim_free(struct aim *a)
{
	for (int h = 0; h < 5; h++) {
		free(a->parent[h]);
		a->parent[h] = NULL;
	}
}

/* Inside the prefix: any address, the first, the last. */
static void addr_inside(struct aim *a, const struct r_addr *c, uint8_t *out)
{
	uint32_t edge = rng_below(&a->rng, 4);

	for (size_t i = 0; i < alen(a); i++) {
		uint8_t host = edge == 0 ? 0 : edge == 1 ? 0xff : (uint8_t)rng_next(&a->rng);

		out[i] = (uint8_t)((c->a[i] & c->m[i]) | (host & ~c->m[i]));
	}
}

/* One below the prefix, one above it, or a network bit flipped. */
static void addr_outside(struct aim *a, const struct r_addr *c, uint8_t *out)
{
	int step = rng_percent(&a->rng, 50) ? 1 : -1;
	size_t n = alen(a), bits = 0;

	if (rng_percent(&a->rng, 30)) {
		addr_inside(a, c, out);
		for (size_t i = 0; i < n * 8; i++)
			bits += (c->m[i / 8] >> (7 - i % 8)) & 1;
		if (bits) {
			bits = rng_below(&a->rng, (uint32_t)bits);
			out[bits / 8] ^= (uint8_t)(0x80 >> (bits % 8));
		}
		return;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((c->a[i] & c->m[i]) | (step > 0 ? ~c->m[i] : 0));
	for (size_t i = n; i-- > 0;) {
		out[i] = (uint8_t)(out[i] + step);
		if (out[i] != (step > 0 ? 0 : 0xff))
			break;
	}
}

static bool addr_in(const struct aim *a, const struct r_addr *c, const uint8_t *x)
{
	for (size_t i = 0; i < alen(a); i++)
		if ((x[i] ^ c->a[i]) & c->m[i])
			return false;
	return true;
}

static void meet_addr(struct aim *a, const struct r_addr *c, uint8_t *x)
{
	if (!c->set)
		return;
	if (!c->neg)
		addr_inside(a, c, x);
	else if (addr_in(a, c, x))
		addr_outside(a, c, x);
}

static void meet_ports(struct aim *a, const struct r_ports *c, uint16_t *p)
{
	uint32_t i;

	if (!c->n)
		return;
	i = rng_below(&a->rng, c->n);
	if (c->neg)
		*p = (uint16_t)(c->r[i].hi + 1);
	else if (rng_percent(&a->rng, 30))
		*p = c->r[i].lo;
	else if (rng_percent(&a->rng, 40))
		*p = c->r[i].hi;
	else
		*p = (uint16_t)(c->r[i].lo + rng_below(&a->rng, c->r[i].hi - c->r[i].lo + 1u));
}

static void meet_rest(struct aim *a, const struct r_rule *r, struct pkt_spec *s)
{
	if (r->proto > 0)
		s->proto = (uint8_t)(r->proto_neg ? (r->proto == 17 ? 6 : 17) : r->proto);
	meet_ports(a, &r->sport, &s->sport);
	meet_ports(a, &r->dport, &s->dport);
	meet_ports(a, &r->ports, rng_percent(&a->rng, 50) ? &s->sport : &s->dport);
	if (r->tcp_mask) {
		s->tcp_flags = (uint8_t)((s->tcp_flags & ~r->tcp_mask) | r->tcp_cmp);
		if (r->tcp_neg)
			s->tcp_flags ^= r->tcp_mask & -r->tcp_mask;
	}
	if (r->tcp_option >= 0 && !r->tcp_neg) {
		s->tcpopt[0] = (uint8_t)r->tcp_option;
		s->tcpopt[1] = 4;
		s->tcpopt_len = 4;
	}
	if (r->icmp_type >= 0 && r->icmp_type < 255) {
		s->icmp_type = (uint8_t)(r->icmp_type + r->icmp_neg);
		if (r->icmp_code >= 0)
			s->icmp_code = (uint8_t)r->icmp_code;
	}
	if (r->frag && !r->frag_neg) {
		s->frag = true;
		s->frag_off = (uint16_t)(1 + rng_below(&a->rng, 100));
	}
}

static void meet(struct aim *a, const struct r_rule *r, struct pkt_spec *s)
{
	meet_addr(a, &r->src, s->saddr);
	meet_addr(a, &r->dst, s->daddr);
	meet_rest(a, r, s);
}

/* From the base chain down: later rules may override what earlier ones asked for. */
static void meet_path(struct aim *a, int hook, const struct r_rule *r, struct pkt_spec *s)
{
	const struct r_rule *way[64];
	unsigned int n = 0;
	int up = a->parent[hook][r->chain];

	while (up >= 0 && n < 64) {
		way[n++] = &a->t->rule[up];
		up = a->parent[hook][a->t->rule[up].chain];
	}
	while (n-- > 0)
		meet(a, way[n], s);
	meet(a, r, s);
}

static bool dev_is(const struct r_iface *i, const char *dev)
{
	size_t n = strlen(i->name);
	bool same =
		n && i->name[n - 1] == '+' ? !strncmp(i->name, dev, n - 1) : !strcmp(i->name, dev);

	return !i->set || same != i->neg;
}

/* Where a packet for this rule has to come in. */
static enum inject source_for(struct aim *a, int hook, const struct r_rule *r)
{
	if (hook == 3 || hook == 4)
		return FROM_BOX;
	if (r->in.set) {
		if (dev_is(&r->in, a->conf->dev[0]) && rng_percent(&a->rng, 80))
			return FROM_CLIENT;
		if (dev_is(&r->in, a->conf->dev[1]))
			return FROM_SERVER;
		if (dev_is(&r->in, "lo") && hook == 1)
			return FROM_BOX;
	}
	return rng_percent(&a->rng, 70) ? FROM_CLIENT : FROM_SERVER;
}

static bool is_local(const struct aim *a, const uint8_t *x)
{
	for (unsigned int i = 0; i < a->conf->nlocal; i++)
		if (!memcmp(a->conf->local[i], x, alen(a)))
			return true;
	return false;
}

static void public_addr(struct aim *a, uint8_t *x)
{
	for (size_t i = 0; i < alen(a); i++)
		x[i] = (uint8_t)rng_next(&a->rng);
	if (a->t->family == 4)
		x[0] = (uint8_t)(1 + x[0] % 126);
	else
		x[0] = 0x20, x[1] &= 0x3f;
}

static void local_addr(struct aim *a, uint8_t *x)
{
	memcpy(x, a->conf->local[rng_below(&a->rng, a->conf->nlocal)], alen(a));
}

static void random_spec(struct aim *a, struct pkt_spec *s)
{
	static const uint8_t protos[] = { 6, 6, 6, 17, 17, 1, 58, 47, 50, 132, 136, 2 };

	pkt_init(s, a->t->family);
	public_addr(a, s->saddr);
	public_addr(a, s->daddr);
	s->proto = protos[rng_below(&a->rng, sizeof(protos))];
	if (s->proto == 1 || s->proto == 58)
		s->proto = a->t->family == 4 ? 1 : 58;
	s->sport = (uint16_t)rng_next(&a->rng);
	s->dport =
		(uint16_t)(rng_percent(&a->rng, 60) ? rng_below(&a->rng, 1024) : rng_next(&a->rng));
	s->tcp_flags = rng_percent(&a->rng, 50) ? 2 : (uint8_t)rng_below(&a->rng, 64);
	/* types that do not make the box change routes or answer neighbours */
	s->icmp_type = rng_percent(&a->rng, 60) ? (a->t->family == 4 ? 8 : 128)
						: (uint8_t)rng_next(&a->rng);
	s->id = (uint32_t)rng_next(&a->rng);
	s->payload = (uint16_t)rng_below(&a->rng, 64);
}

static void miss_by_one(struct aim *a, const struct r_rule *r, struct aimed *p)
{
	struct pkt_spec *s = &p->spec;
	const struct r_ports *c = r->dport.n ? &r->dport : r->sport.n ? &r->sport : &r->ports;
	uint16_t *port = c == &r->sport ? &s->sport : &s->dport;

	switch (rng_below(&a->rng, 8)) {
	case 0:
		if (r->src.set)
			addr_outside(a, &r->src, s->saddr);
		break;
	case 1:
		if (r->dst.set)
			addr_outside(a, &r->dst, s->daddr);
		break;
	case 2:
		s->proto = (uint8_t[]){ 6, 17, 1, 58, 47, 0x85 }[rng_below(&a->rng, 6)];
		break;
	case 3:
	case 4:
		if (c->n) {
			uint32_t i = rng_below(&a->rng, c->n);

			*port = rng_percent(&a->rng, 50) ? (uint16_t)(c->r[i].lo - 1)
							 : (uint16_t)(c->r[i].hi + 1);
		}
		break;
	case 5:
		s->tcp_flags ^= (uint8_t)(1 << rng_below(&a->rng, 8));
		s->icmp_code ^= 1;
		break;
	case 6:
		s->icmp_type = (uint8_t)(s->icmp_type + (rng_percent(&a->rng, 50) ? 1 : -1));
		break;
	default:
		p->how = p->how == FROM_CLIENT ? FROM_SERVER : FROM_CLIENT;
	}
}

static void strange_frag(struct aim *a, struct pkt_spec *s)
{
	s->frag = true;
	s->more = rng_percent(&a->rng, 50);
	s->frag_off = (uint16_t)(rng_percent(&a->rng, 40)   ? 0
				 : rng_percent(&a->rng, 40) ? 1
							    : rng_below(&a->rng, 180));
	if (s->more)
		s->payload = (uint16_t)(s->payload & ~7u);
}

static void strange(struct aim *a, struct pkt_spec *s)
{
	switch (rng_below(&a->rng, 9)) {
	case 0:
		strange_frag(a, s);
		break;
	case 1:
		s->ip_opt = (uint8_t)(1 + rng_below(&a->rng, 10));
		s->ip_opt_kind = (uint8_t[]){ 0, 0, 7, 68, 148 }[rng_below(&a->rng, 5)];
		s->ext[0] = 60;
		break;
	case 2:
		s->cut = (uint16_t)(1 + rng_below(&a->rng, 24));
		break;
	case 3:
		s->doff = (uint8_t)rng_below(&a->rng, 16);
		break;
	case 4:
		s->bad_l4_sum = true;
		break;
	case 5:
		s->bad_ip_sum = rng_percent(&a->rng, 50);
		s->ttl = 1;
		break;
	case 6:
		s->tcpopt_len = (uint8_t)(1 + rng_below(&a->rng, 40));
		for (int i = 0; i < s->tcpopt_len; i++)
			s->tcpopt[i] =
				(uint8_t)rng_below(&a->rng, rng_percent(&a->rng, 80) ? 9 : 256);
		break;
	case 7:
		s->payload = (uint16_t)rng_below(&a->rng, 1300);
		break;
	default:
		for (int i = 0; i < PKT_MAX_EXT && a->t->family == 6; i++)
			s->ext[i] = (uint8_t[]){ 0xff, 60, 43, 51 }[rng_below(&a->rng, 4)];
		s->ext_form = (uint8_t)rng_next(&a->rng);
		if (rng_percent(&a->rng, 30))
			s->ext[0] = 0;
		if (rng_percent(&a->rng, 30))
			strange_frag(a, s);
	}
}

/* Things with which a packet would change the box itself, and so later packets' way. */
static void keep_harmless(struct aim *a, struct pkt_spec *s)
{
	if (a->t->family == 6 && s->proto == 58 && s->icmp_type >= 130 && s->icmp_type <= 143)
		s->icmp_type = 128;
	if (a->t->family == 6 && s->proto == 58 && s->icmp_type == 2)
		s->icmp_type = 1;
	if (a->t->family == 4 && s->proto == 1 && s->icmp_type == 3 && s->icmp_code == 4)
		s->icmp_code = 3;
	if (a->t->family == 6)
		s->ip_opt = 0;
	if (a->t->family == 6 && s->ext[0] == 0xff)
		for (int i = 1; i < PKT_MAX_EXT; i++)
			if (s->ext[i] == 0)
				s->ext[i] = 60;
}

static void fit_hook(struct aim *a, struct aimed *p)
{
	if (p->hook == 1 && !is_local(a, p->spec.daddr) && rng_percent(&a->rng, 90))
		local_addr(a, p->spec.daddr);
	if (p->hook == 2 && is_local(a, p->spec.daddr))
		public_addr(a, p->spec.daddr);
	if (p->how == FROM_BOX && rng_percent(&a->rng, 70) && !is_local(a, p->spec.saddr) &&
	    (p->rule < 0 || !a->t->rule[p->rule].src.set))
		local_addr(a, p->spec.saddr);
}

/* The rest of this packet's fragments follow it; they are sent before anything else. */
static void start_train(struct aim *a, struct aimed *p)
{
	struct pkt_spec *s = &p->spec, t;

	s->cut = s->doff = 0;
	s->payload = (uint16_t)(64 + rng_below(&a->rng, 1000));
	a->ntrain = train_make(&a->rng, s, a->train);
	for (unsigned int i = 0; i < a->ntrain / 2; i++) {
		t = a->train[i];
		a->train[i] = a->train[a->ntrain - 1 - i];
		a->train[a->ntrain - 1 - i] = t;
	}
	a->last = *p;
	p->spec = a->train[--a->ntrain];
}

void aim_next(struct aim *a, struct aimed *p)
{
	const struct r_rule *r = NULL;

	if (a->ntrain) {
		*p = a->last;
		p->spec = a->train[--a->ntrain];
		return;
	}
	memset(p, 0, sizeof(*p));
	random_spec(a, &p->spec);
	p->rule = -1;
	p->hook = 1 + (int)rng_below(&a->rng, 3);
	if (a->t->nrule && rng_percent(&a->rng, 90)) {
		/* every rule in turn, over a hook from which it can be reached */
		p->rule = (int)(a->next++ % a->t->nrule);
		r = &a->t->rule[p->rule];
		for (int i = 0; i < 5 && a->parent[p->hook][r->chain] == -1; i++)
			p->hook = (p->hook + 1) % 5;
		if (a->parent[p->hook][r->chain] == -1)
			r = NULL;
	}
	if (r) {
		meet_path(a, p->hook, r, &p->spec);
		p->how = source_for(a, p->hook, r);
	} else {
		p->how = p->hook == 3 ? FROM_BOX : (enum inject)rng_below(&a->rng, 2);
	}
	fit_hook(a, p);
	if (r && rng_percent(&a->rng, 40))
		miss_by_one(a, r, p);
	if (rng_percent(&a->rng, a->strange))
		strange(a, &p->spec);
	keep_harmless(a, &p->spec);
	if (rng_percent(&a->rng, a->strange / 4) && !p->spec.frag)
		start_train(a, p);
}
