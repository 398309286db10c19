// SPDX-License-Identifier: GPL-2.0-only
#include "random_ip6.h"

#include "random_deep.h"
#include "random_head.h"

#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

uint32_t rnd_below(struct rnd *r, uint32_t n)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((r->state >> 33) % n);
}

static uint16_t port(struct rnd *r)
{
	static const uint16_t pool[] = { 0, 22, 53, 80, 81, 443, 1024, 32768, 65534, 65535 };

	return pool[rnd_below(r, COUNT(pool))];
}

static uint8_t proto(struct rnd *r, enum xtbpf_family family)
{
	static const uint8_t pool[] = { 6,  6,	6,   17,  17, 0,  132, 136,
					47, 59, 115, 135, 33, 50, 51,  108 };
	uint32_t i = rnd_below(r, COUNT(pool));

	return pool[i] || family == XTBPF_IPV6 ? (pool[i] ? pool[i] : 58) : 1;
}

static const char *device(struct rnd *r)
{
	static const char *const pool[] = { "", "eth0", "eth1", "eth10", "lo", "veth0123456789a" };

	return pool[rnd_below(r, COUNT(pool))];
}

static void address(struct rnd *r, uint8_t *at, size_t len)
{
	memset(at, 0, len);
	at[0] = (uint8_t)(10 + rnd_below(r, 2));
	at[len / 2] = (uint8_t)rnd_below(r, 2);
	at[len - 1] = (uint8_t)rnd_below(r, 4);
}

/* ---- packets ------------------------------------------------------------ */

/* What mobility headers and L2TP have their matches look at. */
static void put_ids(struct rnd *r, uint8_t *at, uint32_t len)
{
	memset(at, 0, len);
	at[0] = rnd_one_in(r, 3) ? 0 : 59;
	at[2] = (uint8_t)rnd_below(r, 4);
	for (uint32_t i = 3; i < len; i += 2)
		at[i] = (uint8_t)rnd_below(r, 2);
	at[8] = (uint8_t)(rnd_below(r, 4) << 6);
	at[9] = (uint8_t)(rnd_one_in(r, 6) ? 1 : 2 + rnd_below(r, 2));
}

static uint32_t put_transport(struct rnd *r, uint8_t *at)
{
	static const uint8_t options[] = { 0, 1, 2, 4, 3, 3, 8, 0, 254, 1, 2, 10 };
	uint32_t i, len = 20 + rnd_below(r, 5) * 4;

	for (i = 0; i < len; i++)
		at[i] = (uint8_t)rnd_below(r, 256);
	if (rnd_one_in(r, 2)) {
		at[0] = (uint8_t)rnd_below(r, 5) * 2; /* icmp: type, code */
		at[1] = (uint8_t)rnd_below(r, 4);
	} else {
		uint16_t s = port(r), d = port(r);

		at[0] = (uint8_t)(s >> 8);
		at[1] = (uint8_t)s;
		at[2] = (uint8_t)(d >> 8);
		at[3] = (uint8_t)d;
	}
	at[12] = (uint8_t)((rnd_one_in(r, 6) ? rnd_below(r, 16) : len / 4) << 4);
	if (rnd_one_in(r, 4))
		put_ids(r, at, len);
	for (i = 20; i < len; i++)
		at[i] = options[rnd_below(r, COUNT(options))];
	if (len > 20 && rnd_one_in(r, 3)) {
		at[20] = 2; /* MSS */
		at[21] = (uint8_t)(rnd_one_in(r, 5) ? 6 : 4);
		at[22] = (uint8_t)rnd_below(r, 7);
	}
	if (rnd_one_in(r, 2))
		at[4] = (uint8_t)(3 + rnd_below(r, 8)); /* DCCP's data offset */
	return len;
}

static uint32_t put_ip4(struct rnd *r, uint8_t *ip)
{
	uint32_t words = rnd_one_in(r, 5) ? 5 + rnd_below(r, 11) : 5;

	memset(ip, 0, words * 4);
	ip[0] = (uint8_t)(0x40 | words);
	ip[1] = (uint8_t)rnd_below(r, 16);
	ip[8] = (uint8_t)rnd_below(r, 8);
	ip[9] = proto(r, XTBPF_IPV4);
	if (rnd_one_in(r, 4)) {
		ip[6] = (uint8_t)rnd_below(r, 256);
		ip[7] = (uint8_t)rnd_below(r, 3);
		if (rnd_one_in(r, 2))
			ip[6] &= 0xe0;
	}
	address(r, ip + 12, 4);
	address(r, ip + 16, 4);
	return words * 4;
}

static uint32_t put_ip6(struct rnd *r, uint8_t *ip)
{
	uint8_t *next;
	uint32_t at;

	memset(ip, 0, 40);
	ip[0] = 0x60;
	ip[1] = (uint8_t)(rnd_below(r, 16) << 4);
	ip[7] = (uint8_t)rnd_below(r, 8);
	address(r, ip + 8, 16);
	address(r, ip + 24, 16);
	at = rnd_ip6_headers(r, ip, &next);
	*next = proto(r, XTBPF_IPV6);
	return at;
}

void rnd_packet(struct rnd *r, enum xtbpf_family family, uint8_t buf[RND_PACKET_MAX],
		struct xtbpf_packet *pkt)
{
	uint32_t head = family == XTBPF_IPV6 ? put_ip6(r, buf) : put_ip4(r, buf);
	uint32_t whole = head + put_transport(r, buf + head);
	bool sctp = buf[family == XTBPF_IPV6 ? 6 : 9] == 132;
	uint32_t least = family == XTBPF_IPV6 ? 40 : head;

	if (sctp && !rnd_one_in(r, 4))
		rnd_chunks(r, buf + head, whole - head);
	memset(pkt, 0, sizeof(*pkt));
	pkt->time = time(NULL);
	pkt->l3 = buf;
	pkt->len = rnd_one_in(r, 5) ? least + rnd_below(r, whole - least + 1) : whole;
	if (family == XTBPF_IPV4) {
		buf[2] = (uint8_t)(pkt->len >> 8);
		buf[3] = (uint8_t)pkt->len;
	}
	pkt->has_mac = !rnd_one_in(r, 3);
	pkt->mac[0] = 2;
	pkt->mac[5] = (uint8_t)rnd_below(r, 3);
	pkt->pkt_type = (uint8_t)rnd_below(r, 6);
	pkt->in_group = rnd_below(r, 4);
	pkt->out_group = rnd_below(r, 4);
	pkt->cpu = rnd_below(r, 2);
	snprintf(pkt->in, sizeof(pkt->in), "%s", device(r));
	snprintf(pkt->out, sizeof(pkt->out), "%s", device(r));
}

/* ---- rules ---------------------------------------------------------------- */

static void rule_device(struct rnd *r, char *name, unsigned char *mask)
{
	const char *dev = device(r);
	size_t len = strlen(dev);

	if (!len)
		return;
	memcpy(name, dev, len);
	if (rnd_one_in(r, 3))
		len = rnd_below(r, (uint32_t)len); /* "et+", the name unmasked */
	else
		len++;
	memset(mask, 0xff, len);
}

static void rule_address(struct rnd *r, void *addr, void *mask, size_t len)
{
	uint8_t *a = addr, *m = mask;
	size_t i;

	if (rnd_one_in(r, 2))
		return;
	address(r, a, len);
	memset(m, 0xff, len);
	if (rnd_one_in(r, 2))
		m[len - 1] = (uint8_t)(rnd_below(r, 2) ? 0xfe : 0x01);
	for (i = 0; i < len && !rnd_one_in(r, 10); i++)
		a[i] &= m[i]; /* at times left unmasked */
}

static void rule_ip(struct rnd *r, enum xtbpf_family family, struct rule *u)
{
	uint8_t inv = rnd_one_in(r, 3) ? (uint8_t)rnd_below(r, 0x80) : 0;
	uint16_t p = rnd_one_in(r, 3) ? 0 : proto(r, family);

	if (rnd_one_in(r, 50))
		p += 256;
	if (r->open) {
		u->ip4.proto = u->ip6.proto = rnd_one_in(r, 2) ? p : 0;
		u->ip6.flags = u->ip6.proto ? IP6T_F_PROTO : 0;
		u->verdict = rnd_one_in(r, 8) ? u->verdict : V_NEXT;
		return;
	}
	rule_address(r, &u->ip4.src, &u->ip4.smsk, 4);
	rule_address(r, &u->ip4.dst, &u->ip4.dmsk, 4);
	rule_address(r, &u->ip6.src, &u->ip6.smsk, 16);
	rule_address(r, &u->ip6.dst, &u->ip6.dmsk, 16);
	if (rnd_one_in(r, 3)) {
		rule_device(r, u->ip4.iniface, u->ip4.iniface_mask);
		rule_device(r, u->ip6.iniface, u->ip6.iniface_mask);
	}
	if (rnd_one_in(r, 5)) {
		rule_device(r, u->ip4.outiface, u->ip4.outiface_mask);
		rule_device(r, u->ip6.outiface, u->ip6.outiface_mask);
	}
	u->ip4.flags = rnd_one_in(r, 8) ? IPT_F_FRAG : 0;
	u->ip6.flags = p || rnd_one_in(r, 4) ? IP6T_F_PROTO : 0;
	u->ip4.proto = u->ip6.proto = p;
	if (!u->ip4.flags)
		u->ip4.invflags = rnd_one_in(r, 20) ? inv : inv & ~IPT_INV_FRAG;
	else
		u->ip4.invflags = inv;
	u->ip6.invflags = inv;
}

static void range(struct rnd *r, uint16_t out[2])
{
	out[0] = rnd_one_in(r, 3) ? 0 : port(r);
	out[1] = rnd_one_in(r, 3) ? 65535 : rnd_one_in(r, 2) ? out[0] : port(r);
}

/* Payloads of one rule; they live until it is added. */
struct payload {
	struct xt_tcp tcp;
	struct xt_udp udp;
	struct ipt_icmp icmp;
	struct xt_multiport_v1 mp;
	struct xt_comment_info comment;
	union rnd_deep deep[2];
	struct rnd_ip6_payload ip6;
	struct rnd_head head;
};

static void add_tcp(struct rnd *r, struct rule *u, struct payload *p)
{
	range(r, p->tcp.spts);
	range(r, p->tcp.dpts);
	p->tcp.invflags = rnd_one_in(r, 2) ? (uint8_t)rnd_below(r, 16) : 0;
	p->tcp.option = rnd_one_in(r, 3) ? (uint8_t)(rnd_below(r, 9) + 1) : 0;
	if (rnd_one_in(r, 2)) {
		p->tcp.flg_mask = (uint8_t)rnd_below(r, 8);
		p->tcp.flg_cmp = (uint8_t)rnd_below(r, 8);
	}
	rule_match(u, "tcp", 0, &p->tcp, sizeof(p->tcp));
}

static void add_udp(struct rnd *r, struct rule *u, struct payload *p, const char *name)
{
	range(r, p->udp.spts);
	range(r, p->udp.dpts);
	p->udp.invflags = rnd_one_in(r, 2) ? (uint8_t)rnd_below(r, 4) : 0;
	rule_match(u, name, 0, &p->udp, sizeof(p->udp));
}

static void add_icmp(struct rnd *r, struct rule *u, struct payload *p, const char *name)
{
	p->icmp.type = rnd_one_in(r, 4) ? 0xff : (uint8_t)(rnd_below(r, 5) * 2);
	p->icmp.code[0] = (uint8_t)rnd_below(r, 3);
	p->icmp.code[1] = rnd_one_in(r, 2) ? 0xff : (uint8_t)rnd_below(r, 3);
	p->icmp.invflags = rnd_one_in(r, 3);
	rule_match(u, name, 0, &p->icmp, sizeof(p->icmp));
}

static void add_multiport(struct rnd *r, struct rule *u, struct payload *p)
{
	unsigned int i;

	p->mp.flags = (uint8_t)rnd_below(r, 3);
	p->mp.count = (uint8_t)rnd_below(r, 16);
	p->mp.invert = rnd_one_in(r, 3) ? (uint8_t)rnd_below(r, 4) : 0;
	for (i = 0; i < p->mp.count; i++) {
		p->mp.ports[i] = port(r);
		if (i + 1 < p->mp.count && rnd_one_in(r, 4)) {
			p->mp.pflags[i] = 1;
			p->mp.ports[i + 1] = (uint16_t)(p->mp.ports[i] | rnd_below(r, 4096));
			i++;
		}
	}
	rule_match(u, "multiport", 1, &p->mp, sizeof(p->mp));
}

/* The protocol that is there when the rule's matches are asked; 0: any. */
static uint16_t surely(enum xtbpf_family family, const struct rule *u)
{
	return family == XTBPF_IPV4 || u->ip6.flags & IP6T_F_PROTO ? u->ip4.proto : 0;
}

static void rule_matches(struct rnd *r, enum xtbpf_family family, enum xtbpf_hook hook,
			 struct rule *u, struct payload *p)
{
	uint16_t pr = u->ip4.proto;
	bool inverted = (family == XTBPF_IPV6 ? u->ip6.invflags : u->ip4.invflags) & XT_INV_PROTO;

	if (rnd_one_in(r, 5))
		rule_match(u, "comment", 0, &p->comment, sizeof(p->comment));
	if (rnd_one_in(r, 6))
		rnd_deep_match(r, u, false, &p->deep[0]);
	if (family == XTBPF_IPV6 && rnd_one_in(r, 2))
		rnd_ip6_match(r, u, &p->ip6);
	if ((pr == 17 || pr == 115) && rnd_one_in(r, 3))
		rnd_l2tp_match(r, u, &p->ip6);
	rnd_head_matches(r, family, hook, inverted ? 0 : surely(family, u), u, &p->head);
	if (inverted)
		return;
	if (pr == 132 && !rnd_one_in(r, 3))
		rnd_deep_match(r, u, true, &p->deep[1]);
	if (pr == 6 && !rnd_one_in(r, 3))
		add_tcp(r, u, p);
	if (pr == 17 && !rnd_one_in(r, 3))
		add_udp(r, u, p, "udp");
	if (pr == 136 && !rnd_one_in(r, 3))
		add_udp(r, u, p, "udplite");
	if (pr == 1 && family == XTBPF_IPV4 && !rnd_one_in(r, 4))
		add_icmp(r, u, p, "icmp");
	if (pr == 58 && family == XTBPF_IPV6 && !rnd_one_in(r, 4))
		add_icmp(r, u, p, "icmp6");
	if (pr == 135 && family == XTBPF_IPV6 && !rnd_one_in(r, 4))
		rnd_mh_match(r, u, &p->ip6);
	if ((pr == 6 || pr == 17 || pr == 132 || pr == 136) && rnd_one_in(r, 3))
		add_multiport(r, u, p);
}

/* ---- rulesets --------------------------------------------------------------- */

#define CHAINS 4
#define JUMPS 64

/* Jumps to chains that are not there yet. */
struct jumps {
	uint32_t at[JUMPS];
	unsigned int chain[JUMPS];
	unsigned int n;
};

static void add_rule(struct rnd *r, struct blobs *b, struct jumps *j, enum xtbpf_hook hook,
		     unsigned int first_chain)
{
	static const int32_t verdicts[] = { V_ACCEPT, V_DROP, V_RETURN, V_NEXT, V_NEXT };
	struct rule u = { .verdict = verdicts[rnd_below(r, COUNT(verdicts))] };
	struct payload p;
	bool jump = first_chain < CHAINS && j->n < JUMPS && rnd_one_in(r, 3);
	uint32_t at;

	memset(&p, 0, sizeof(p));
	rule_ip(r, b->blob.family, &u);
	rule_matches(r, b->blob.family, hook, &u, &p);
	if (rnd_one_in(r, 4)) {
		u.ip4.flags |= IPT_F_GOTO;
		u.ip6.flags |= IP6T_F_GOTO;
	}
	at = blobs_add(b, &u);
	if (jump) {
		j->at[j->n] = at;
		j->chain[j->n++] = first_chain + rnd_below(r, CHAINS - first_chain);
	}
}

struct blobs *rnd_ruleset(struct rnd *r, enum xtbpf_family family)
{
	static const enum xtbpf_hook hooks[] = { XTBPF_INPUT, XTBPF_FORWARD, XTBPF_OUTPUT };
	struct blobs *b = blobs_new(family, XTBPF_FILTER);
	struct jumps j = { .n = 0 };
	uint32_t chain[CHAINS];
	unsigned int i, n;
	char name[8];

	r->open = rnd_one_in(r, 2);
	for (i = 0; i < COUNT(hooks); i++) {
		blobs_hook(b, hooks[i]);
		for (n = rnd_below(r, 8); n; n--)
			add_rule(r, b, &j, hooks[i], 0);
		blobs_policy(b, hooks[i], rnd_one_in(r, 2) ? V_ACCEPT : V_DROP);
	}
	for (i = 0; i < CHAINS; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		chain[i] = blobs_user(b, name);
		for (n = rnd_below(r, 6); n; n--)
			add_rule(r, b, &j, XTBPF_NHOOK, i + 1);
		blobs_simple(b, V_RETURN);
	}
	blobs_end(b);
	for (i = 0; i < j.n; i++)
		blobs_verdict(b, j.at[i], (int32_t)chain[j.chain[i]]);
	return b;
}
