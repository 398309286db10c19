// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which chains become functions. A program nests at most 8 call frames
 * (MAX_CALL_FRAMES in the kernel's bpf_verifier.h): entry, built-in chain, and so on;
 * chains that would lie deeper are emitted inside their callers, and long ones
 * are cut into chunks, which costs a frame.
 */
#include "emit.h"
#include "search.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FRAMES 8
#define CALLEE_FRAMES 2 /* what XTBPF_P_CALL may use */
#define MAX_NEST 64	/* chains; bounds our own recursion, too */
#define COST_CAP 1000000u

int xtbpf_emit_refuse(struct xtbpf_reason *why, int err, const struct xtbpf_ruleset *rs,
		      const struct xtbpf_chain *chain, const struct xtbpf_rule *rule,
		      const char *fmt, ...)
{
	va_list ap;

	*why = (struct xtbpf_reason){ .err = -err, .ours = true, .entry = -1 };
	if (rs)
		snprintf(why->table, sizeof(why->table), "%s", xtbpf_table_def(rs->table)->name);
	if (chain)
		snprintf(why->chain, sizeof(why->chain), "%s", chain->name);
	if (rule) {
		why->entry = (int)rule->entry;
		why->rule = rule->number;
	}
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return err;
}

static bool calls(const struct xtbpf_rule *r)
{
	return r->action == XTBPF_A_JUMP || r->action == XTBPF_A_GOTO;
}

unsigned int xtbpf_action_cost(const struct xtbpf_rule *r)
{
	return r->action == XTBPF_A_ACCEPT || r->action == XTBPF_A_DROP ? 2 : 24;
}

static unsigned int add_cost(unsigned int a, unsigned int b)
{
	return a + b < COST_CAP ? a + b : COST_CAP;
}

/* Depth first: heights, own costs, and the order (callees first; reversed later). */
static int visit(const struct xtbpf_ruleset *rs, struct xtbpf_layout *l, unsigned int index,
		 unsigned int depth, struct xtbpf_reason *why)
{
	struct xtbpf_chain_layout *cl = &l->chain[index];
	const struct xtbpf_chain *chain = &rs->chains[index];
	unsigned int height = 0;

	if (cl->reached)
		return 0;
	cl->reached = true;
	if (!chain->nrules)
		return xtbpf_emit_refuse(why, -EINVAL, rs, chain, NULL, "chain without an end");
	for (unsigned int i = 0; i < chain->nrules; i++) {
		const struct xtbpf_rule *r = &chain->rules[i];
		unsigned int cost = xtbpf_search_straight.cost(r, 1) + xtbpf_action_cost(r);

		cl->cost = add_cost(cl->cost, cost);
		if (!calls(r))
			continue;
		if (r->target >= rs->nchains)
			return xtbpf_emit_refuse(why, -EINVAL, rs, chain, r, "jump to nowhere");
		if (depth == MAX_NEST)
			return xtbpf_emit_refuse(why, -EOPNOTSUPP, rs, chain, r,
						 "chains nest more than %d deep", MAX_NEST);

		int err = visit(rs, l, r->target, depth + 1, why);

		if (err)
			return err;
		if (l->chain[r->target].height > height)
			height = l->chain[r->target].height;
		if (height >= MAX_NEST)
			return xtbpf_emit_refuse(why, -EOPNOTSUPP, rs, chain, r,
						 "chains nest more than %d deep", MAX_NEST);
	}
	cl->height = height + 1;
	cl->chunked = cl->cost > XTBPF_CHUNK_INSNS || chain->nrules > XTBPF_CHUNK_RULES;
	l->order[l->norder++] = index;
	return 0;
}

/* Frames from the callers down; what would lie too deep is inlined. */
static int frames(const struct xtbpf_ruleset *rs, struct xtbpf_layout *l, struct xtbpf_reason *why)
{
	const unsigned int max = MAX_FRAMES - (xtbpf_any_call(rs) ? CALLEE_FRAMES : 0);

	for (unsigned int o = 0; o < l->norder; o++) {
		struct xtbpf_chain_layout *cl = &l->chain[l->order[o]];
		const struct xtbpf_chain *chain = &rs->chains[l->order[o]];

		if (!cl->frame)
			cl->frame = 2 + cl->chunked; /* built-in */
		for (unsigned int i = 0; i < chain->nrules; i++) {
			const struct xtbpf_rule *r = &chain->rules[i];

			if (!calls(r))
				continue;

			struct xtbpf_chain_layout *to = &l->chain[r->target];
			unsigned int want = cl->frame + 1 + to->chunked;

			if (want > max && to->chunked)
				return xtbpf_emit_refuse(
					why, -EOPNOTSUPP, rs, chain, r,
					"the chain it leads to is too long for so deep a place");
			if (want > max)
				to->inlined = true;
			else if (want > to->frame)
				to->frame = want;
			if (to->inlined)
				to->frame = max;
		}
	}
	return 0;
}

/* Costs of inlined chains belong to their callers; callees come first here. */
static int inlined_costs(const struct xtbpf_ruleset *rs, struct xtbpf_layout *l,
			 struct xtbpf_reason *why)
{
	for (unsigned int o = l->norder; o-- > 0;) {
		struct xtbpf_chain_layout *cl = &l->chain[l->order[o]];
		const struct xtbpf_chain *chain = &rs->chains[l->order[o]];

		for (unsigned int i = 0; i < chain->nrules; i++) {
			const struct xtbpf_rule *r = &chain->rules[i];

			if (!calls(r) || !l->chain[r->target].inlined)
				continue;
			cl->cost = add_cost(cl->cost, l->chain[r->target].cost);
			if (cl->cost > XTBPF_FUNC_MAX && !cl->chunked)
				return xtbpf_emit_refuse(
					why, -EOPNOTSUPP, rs, chain, r,
					"chains nest too deep and are too long to be put inline");
		}
	}
	return 0;
}

void xtbpf_layout_release(struct xtbpf_layout *l)
{
	free(l->chain);
	free(l->order);
	*l = (struct xtbpf_layout){ 0 };
}

int xtbpf_layout_make(const struct xtbpf_ruleset *rs, uint32_t hooks, struct xtbpf_layout *out,
		      struct xtbpf_reason *why)
{
	struct xtbpf_layout l __attribute__((cleanup(xtbpf_layout_release))) = {
		.chain = calloc(rs->nchains + 1, sizeof(*l.chain)),
		.order = calloc(rs->nchains + 1, sizeof(*l.order)),
	};
	int err = 0;

	if (!l.chain || !l.order)
		return -ENOMEM;
	for (unsigned int h = 0; h < XTBPF_NHOOK && !err; h++)
		if (hooks & 1u << h && rs->base[h] >= 0)
			err = visit(rs, &l, (unsigned int)rs->base[h], 0, why);
	for (unsigned int i = 0; i < l.norder / 2; i++) {
		unsigned int last = l.norder - 1 - i, swap = l.order[i];

		l.order[i] = l.order[last];
		l.order[last] = swap;
	}
	if (!err)
		err = frames(rs, &l, why);
	if (!err)
		err = inlined_costs(rs, &l, why);
	if (err)
		return err;
	*out = l;
	l = (struct xtbpf_layout){ 0 };
	return 0;
}
