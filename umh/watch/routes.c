/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From routes to env_local: which destinations are surely ours. Only the tables
 * of the three default rules matter, since any other rule switches early drop
 * off. A prefix is sure when nothing inside it is different: until the first
 * ip rule is added, tables local and main are one trie, in which a longer main
 * route beats a local prefix (net/ipv4/fib_frontend.c, fib_unmerge).
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "../../translator/bpf/env.h"
#include "../cleanup.h"
#include "facts.h"
#include "netlink.h"

#define KIND_UNICAST 0x01
#define KIND_LOCAL 0x02
#define KIND_BROADCAST 0x04
#define KIND_OTHER 0x08 /* multicast, anycast, and what we add ourselves: never sure */
/*
 * Several next hops: which one a packet takes depends on a hash that may use the
 * card's (fib_multipath_hash, net/ipv4/route.c), so the out device is not known.
 */
#define KIND_BALANCED 0x10
#define KIND_OF_INTEREST (KIND_LOCAL | KIND_BROADCAST | KIND_OTHER | KIND_BALANCED)

struct node {
	uint8_t addr[16];
	uint8_t len;
	uint8_t kinds;
	bool first_is_local; /* table local has it */
	bool cut;
	uint8_t value; /* 0: no entry */
};

struct nodes {
	struct node *v;
	size_t n, cap;
	int family;
	unsigned int bits;
};

static uint8_t kind_of(uint8_t type)
{
	switch (type) {
	case RTN_LOCAL:
		return KIND_LOCAL;
	case RTN_BROADCAST:
		return KIND_BROADCAST;
	case RTN_ANYCAST:
	case RTN_MULTICAST:
		return KIND_OTHER;
	default:
		/* unicast, blackhole, unreachable, prohibit, throw: fib lookup tells them apart */
		return KIND_UNICAST;
	}
}

static int add_node(struct nodes *s, const uint8_t *addr, uint8_t len, uint8_t kinds, bool local)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct node *more = realloc(s->v, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->v = more;
		s->cap = cap;
	}
	s->v[s->n] = (struct node){ .len = len, .kinds = kinds, .first_is_local = local };
	memcpy(s->v[s->n].addr, addr, s->bits / 8);
	s->n++;
	return 0;
}

struct route {
	uint8_t dst[16];
	uint32_t table;
	bool special;  /* holds for some packets only: source routing, TOS */
	bool balanced; /* has, or may have, several next hops */
};

static bool parse_route(const struct nlmsghdr *nlh, struct route *r)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	size_t size = rtm->rtm_family == AF_INET ? 4 : 16;
	const struct nlattr *attr;

	*r = (struct route){ .table = rtm->rtm_table, .special = rtm->rtm_src_len || rtm->rtm_tos };
	if (rtm->rtm_flags & RTM_F_CLONED || rtm->rtm_dst_len > size * 8)
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(*rtm))
	{
		if (mnl_attr_get_type(attr) == RTA_DST && mnl_attr_get_payload_len(attr) == size)
			memcpy(r->dst, mnl_attr_get_payload(attr), size);
		else if (mnl_attr_get_type(attr) == RTA_TABLE &&
			 mnl_attr_get_payload_len(attr) >= 4)
			r->table = mnl_attr_get_u32(attr);
		r->balanced |= mnl_attr_get_type(attr) == RTA_MULTIPATH ||
			       mnl_attr_get_type(attr) == RTA_NH_ID;
	}
	return r->table == RT_TABLE_LOCAL || r->table == RT_TABLE_MAIN ||
	       r->table == RT_TABLE_DEFAULT;
}

static int on_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct nodes *s = arg;
	struct route r;
	uint8_t kinds;

	if (nlh->nlmsg_type != RTM_NEWROUTE || rtm->rtm_family != s->family ||
	    !parse_route(nlh, &r))
		return MNL_CB_OK;
	kinds = kind_of(rtm->rtm_type);
	if (r.special && kinds != KIND_UNICAST)
		kinds = KIND_OTHER;
	if (r.balanced && kinds == KIND_UNICAST)
		kinds = KIND_BALANCED;
	/* which link-local address is ours depends on the device */
	if (s->bits == 128 && r.dst[0] == 0xfe && (r.dst[1] & 0xc0) == 0x80 &&
	    kinds != KIND_UNICAST)
		kinds = KIND_OTHER;
	if (add_node(s, r.dst, rtm->rtm_dst_len, kinds, r.table == RT_TABLE_LOCAL)) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

/* Destinations the kernel has rules of its own for, whatever the tables hold. */
static int add_special(struct nodes *s)
{
	static const struct {
		int family;
		uint8_t addr[16];
		uint8_t len;
	} special[] = {
		{ AF_INET, { 0 }, 8 },	 /* ip_route_input_slow: zeronet, loopback, multicast, */
		{ AF_INET, { 127 }, 8 }, /* limited broadcast and class E */
		{ AF_INET, { 224 }, 4 },   { AF_INET, { 240 }, 4 },
		{ AF_INET6, { 0 }, 8 }, /* ip6_rcv_core: unspecified, loopback, v4-mapped */
		{ AF_INET6, { 0xff }, 8 },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
		if (!err && special[i].family == s->family)
			err = add_node(s, special[i].addr, special[i].len, KIND_OTHER, true);
	return err;
}

static int by_prefix(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	int order = memcmp(x->addr, y->addr, sizeof(x->addr));

	return order ? order : (int)x->len - (int)y->len;
}

static bool inside(const struct node *in, const struct node *out)
{
	unsigned int whole = out->len / 8, rest = out->len % 8;

	if (in->len < out->len || memcmp(in->addr, out->addr, whole))
		return false;
	return !rest || !((in->addr[whole] ^ out->addr[whole]) >> (8 - rest));
}

static void merge_equal(struct nodes *s)
{
	size_t to = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct node *last = to ? &s->v[to - 1] : NULL;

		if (last && !by_prefix(last, &s->v[i])) {
			last->kinds |= s->v[i].kinds;
			last->first_is_local |= s->v[i].first_is_local;
		} else {
			s->v[to++] = s->v[i];
		}
	}
	s->n = to;
}

static uint8_t value_of(const struct node *n, unsigned int bits)
{
	if (!(n->kinds & KIND_OF_INTEREST))
		return 0;
	if (n->kinds & KIND_BALANCED)
		return XTBPF_RT_ASK;
	if (n->len < bits && (n->cut || !n->first_is_local))
		return XTBPF_RT_ASK;
	if (n->kinds == KIND_LOCAL)
		return XTBPF_RT_LOCAL;
	return n->kinds == KIND_BROADCAST ? XTBPF_RT_BROADCAST : XTBPF_RT_ASK;
}

/*
 * What lies in an unsure prefix is unsure. Only an address of ours among
 * balanced routes stays ours; unicast there has no entry of its own to say so.
 */
static void in_unsure(struct node *n, const struct node *out)
{
	if (out->kinds == KIND_BALANCED && n->kinds == KIND_UNICAST)
		n->kinds = KIND_BALANCED;
	if (out->kinds != KIND_BALANCED || !n->value)
		n->value = XTBPF_RT_ASK;
}

/* Sorted, every prefix follows those it lies in: a stack holds them (129 at most). */
static void judge(struct nodes *s)
{
	struct node *stack[130];
	size_t depth = 0;

	for (size_t i = 0; i < s->n; i++) {
		while (depth && !inside(&s->v[i], stack[depth - 1]))
			depth--;
		for (size_t k = 0; k < depth; k++)
			stack[k]->cut |= stack[k]->kinds != s->v[i].kinds;
		stack[depth++] = &s->v[i];
	}
	depth = 0;
	for (size_t i = 0; i < s->n; i++) {
		struct node *n = &s->v[i];

		while (depth && !inside(n, stack[depth - 1]))
			depth--;
		n->value = value_of(n, s->bits);
		if (depth && stack[depth - 1]->value == XTBPF_RT_ASK)
			in_unsure(n, stack[depth - 1]);
		stack[depth++] = n;
	}
}

int facts_locals(struct buses *b, enum xtbpf_family family, struct locals *out)
{
	struct nodes s = { .family = family == XTBPF_IPV4 ? AF_INET : AF_INET6,
			   .bits = family == XTBPF_IPV4 ? 32 : 128 };
	struct rtmsg request = { .rtm_family = (uint8_t)s.family };
	struct locals got = { 0 };
	int err = nl_dump(b->route, RTM_GETROUTE, &request, sizeof(request), on_route, &s);

	if (!err)
		err = add_special(&s);
	if (!err) {
		qsort(s.v, s.n, sizeof(*s.v), by_prefix);
		merge_equal(&s);
		judge(&s);
		got.v = calloc(s.n, sizeof(*got.v));
		err = got.v ? 0 : -ENOMEM;
	}
	for (size_t i = 0; !err && i < s.n; i++) {
		struct local *l = &got.v[got.n];

		if (!s.v[i].value)
			continue;
		got.prefixes |= s.v[i].len < s.bits && (s.v[i].kinds & KIND_LOCAL) &&
				!(s.v[i].kinds & KIND_OTHER);
		*l = (struct local){ .len = s.v[i].len, .value = s.v[i].value };
		memcpy(l->addr, s.v[i].addr, sizeof(l->addr));
		got.n++;
	}
	free(s.v);
	if (!err)
		*out = got;
	return err;
}

bool facts_route_matters(const struct nlmsghdr *nlh, const struct locals *now)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct route r;

	if (!parse_route(nlh, &r))
		return false;
	return now->prefixes || r.balanced || kind_of(rtm->rtm_type) != KIND_UNICAST;
}
