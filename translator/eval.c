// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The evaluator: ipt_do_table and ip6t_do_table over the raw blob and the raw
 * packet (net/ipv4/netfilter/ip_tables.c, net/ipv6/netfilter/ip6_tables.c). It
 * shares nothing with lower.c, so that the two can find each other's mistakes.
 */
#include "cleanup.h"
#include "entry.h"
#include "extension.h"
#include "header.h"

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

/**
 * struct run - one packet on its way
 * @stack: entries that jumped; rs->nheads of them
 */
struct run {
	const struct xtbpf_ruleset *rs;
	struct xtbpf_eval_pkt p;
	struct xtbpf_path *path;
	uint32_t underflow;
	uint32_t pos;
	uint32_t *stack;
	uint32_t depth;
};

const uint8_t *xtbpf_eval_bytes(const struct xtbpf_eval_pkt *p, uint32_t off, uint32_t len)
{
	if (off > p->pkt->len || len > p->pkt->len - off)
		return NULL;
	return p->pkt->l3 + off;
}

static bool rule_holds(struct run *r, const struct xtbpf_entry *e, const struct xtbpf_view *v)
{
	unsigned int n;

	if (r->rs->family == XTBPF_IPV6) {
		r->p.thoff = 0;
		if (!xtbpf_header_match6(&r->p, &((const struct ip6t_entry *)v->at)->ipv6))
			return false;
	} else if (!xtbpf_header_match4(&r->p, &((const struct ipt_entry *)v->at)->ip)) {
		return false;
	}
	for (n = 0; n < e->nmatches; n++) {
		r->p.state = e->matches[n].state;
		if (e->matches[n].ops->evaluate &&
		    !e->matches[n].ops->evaluate(&r->p, e->matches[n].data))
			return false;
	}
	return true;
}

static void count(struct run *r)
{
	if (!r->path)
		return;
	if (r->path->nhits < r->path->cap)
		r->path->hits[r->path->nhits] = r->pos;
	r->path->nhits++;
}

/* The entry after this one's target, or -1 with *verdict set. */
static int64_t take_target(struct run *r, const struct xtbpf_view *v, enum xtbpf_verdict *verdict)
{
	struct xtbpf_target t = xtbpf_entry_target(v);
	int to;

	*verdict = XTBPF_DROP;
	if (t.kind != XTBPF_T_STANDARD)
		return -1; /* ERROR drops (ipt_error) */
	if (t.verdict == XT_RETURN)
		return r->depth ? (int64_t)r->stack[--r->depth] + 1 : r->underflow;
	if (t.verdict < 0) {
		if (t.verdict == -NF_ACCEPT - 1)
			*verdict = XTBPF_ACCEPT;
		return -1;
	}
	to = xtbpf_entry_find(r->rs, t.verdict);
	if (to != (int)r->pos + 1 && !v->is_goto) {
		if (r->depth >= r->rs->nheads)
			return -1;
		r->stack[r->depth++] = r->pos;
	}
	return to;
}

static enum xtbpf_verdict run_table(struct run *r)
{
	enum xtbpf_verdict verdict = XTBPF_DROP;
	int64_t next;

	do {
		const struct xtbpf_entry *e;
		struct xtbpf_view v;

		/* cannot happen in a checked blob: the walk would have met it */
		if (r->pos >= r->rs->nentries)
			return XTBPF_DROP;
		e = &r->rs->entries[r->pos];
		v = xtbpf_entry_view(r->rs->blob, e->offset);
		next = (int64_t)r->pos + 1;
		if (rule_holds(r, e, &v)) {
			count(r);
			next = take_target(r, &v, &verdict);
			if (next < 0) /* a match can hold and drop the packet */
				return r->p.hotdrop ? XTBPF_DROP : verdict;
		}
		r->pos = (uint32_t)next;
	} while (!r->p.hotdrop);
	return XTBPF_DROP;
}

enum xtbpf_verdict xtbpf_eval(const struct xtbpf_ruleset *rs, enum xtbpf_hook hook,
			      const struct xtbpf_packet *pkt, struct xtbpf_path *path)
{
	struct run r = { .rs = rs, .path = path };
	uint32_t few[16];
	XTBPF_AUTO_FREE uint32_t *many = NULL;

	if (path)
		path->nhits = 0;
	if (rs->base[hook] < 0)
		return XTBPF_ACCEPT; /* the table is not asked there */
	r.p.family = rs->family;
	r.p.pkt = pkt;
	if (!xtbpf_header_start(&r.p))
		return XTBPF_DROP;
	r.stack = few;
	if (rs->nheads > sizeof(few) / sizeof(few[0])) {
		many = calloc(rs->nheads, sizeof(*many));
		if (!many)
			return XTBPF_DROP;
		r.stack = many;
	}
	r.pos = (uint32_t)xtbpf_entry_find(rs, rs->blob->hook_entry[hook]);
	r.underflow = (uint32_t)xtbpf_entry_find(rs, rs->blob->underflow[hook]);
	return run_table(&r);
}
