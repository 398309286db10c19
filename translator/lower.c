// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Checked blob to typed rules. The kernel follows offsets and accepts programs
 * that no iptables writes; here every chain has one way in and one end, and
 * what is otherwise is refused. Chains that no packet reaches may be anything:
 * those we cannot lower are left without rules.
 */
#include "lower.h"

#include "arena.h"
#include "cleanup.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

int xtbpf_lower_refuse(struct xtbpf_lower *low, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = xtbpf_vrefuse(low->why, low->rs, low->entry, -EOPNOTSUPP, true, fmt, ap);
	va_end(ap);
	return err;
}

static int out_of_memory(struct xtbpf_lower *low)
{
	return xtbpf_refuse(low->why, low->rs, low->entry, -ENOMEM, true, "out of memory");
}

/* A jump must go to the first rule of a user chain. */
static int lower_jump(struct xtbpf_lower *low, const struct xtbpf_view *v, int32_t verdict,
		      struct xtbpf_rule *r)
{
	const struct xtbpf_ruleset *rs = low->rs;
	int to = xtbpf_entry_find(rs, verdict);
	const struct xtbpf_chain *c;

	if (to == low->entry + 1) {
		r->action = XTBPF_A_CONTINUE;
		return 0;
	}
	if (to < 0)
		return xtbpf_lower_refuse(low, "jumps to where no entry starts");
	if (rs->entries[to].head)
		return xtbpf_lower_refuse(low, "jumps to the head of a chain");
	if (rs->entries[to].chain == XTBPF_NO_CHAIN)
		return xtbpf_lower_refuse(low, "jumps outside of all chains");
	c = &rs->chains[rs->entries[to].chain];
	if (c->hook != XTBPF_NHOOK)
		return xtbpf_lower_refuse(low, "jumps into built-in chain %s", c->name);
	if (c->first_entry != (uint32_t)to)
		return xtbpf_lower_refuse(low, "jumps into the middle of chain %s", c->name);
	r->action = v->is_goto ? XTBPF_A_GOTO : XTBPF_A_JUMP;
	r->target = rs->entries[to].chain;
	return 0;
}

static int lower_action(struct xtbpf_lower *low, const struct xtbpf_view *v, struct xtbpf_rule *r)
{
	struct xtbpf_target t = xtbpf_entry_target(v);

	if (t.kind == XTBPF_T_EXTENSION) {
		xtbpf_lower_refuse(low, "target %s is not supported by xtbpf yet", t.name);
		xtbpf_reason_extension(low->why, t.name);
		return -EOPNOTSUPP;
	}
	switch (t.verdict) {
	case XT_RETURN:
		r->action = XTBPF_A_RETURN;
		return 0;
	case -NF_ACCEPT - 1:
		r->action = XTBPF_A_ACCEPT;
		return 0;
	case -NF_DROP - 1:
		r->action = XTBPF_A_DROP;
		return 0;
	case -NF_QUEUE - 1:
		return xtbpf_lower_refuse(low, "verdict QUEUE is not supported: BPF cannot "
					       "queue packets to user space");
	default:
		return lower_jump(low, v, t.verdict, r);
	}
}

/* Do predicates from `first` on read the packet at thoff? */
static bool of_transport(const struct xtbpf_lower *low, unsigned int first)
{
	for (unsigned int i = first; i < low->npreds; i++) {
		enum xtbpf_pred_kind kind = low->preds[i].kind;

		if (kind == XTBPF_P_L4 || kind == XTBPF_P_FIRST || kind == XTBPF_P_NEED)
			return true;
	}
	return false;
}

static int lower_matches(struct xtbpf_lower *low, const struct xtbpf_view *v,
			 const struct xtbpf_entry *e)
{
	bool v6 = low->rs->family == XTBPF_IPV6;
	struct xtbpf_ext_ctx ctx = {
		.family = low->rs->family,
		.table = low->rs->table,
		.proto = v->proto,
		.proto_inverted = v->invflags & XT_INV_PROTO,
		.proto_evaluated = !v6 || v->flags & IP6T_F_PROTO,
		.hooks = *v->comefrom,
	};
	unsigned int n;
	int err;

	for (n = 0; n < e->nmatches; n++) {
		const struct xtbpf_match_ref *m = &e->matches[n];
		unsigned int first = low->npreds;

		err = m->ops->lower ? m->ops->lower(&ctx, m->data, low) : 0;
		if (err == -EOPNOTSUPP)
			xtbpf_reason_extension(low->why, m->ops->name);
		if (err)
			return err == -ENOMEM ? out_of_memory(low) : err;
		/* thoff would be 0 and fragoff that of whatever rule had -p before */
		if (!ctx.proto_evaluated && of_transport(low, first)) {
			xtbpf_lower_refuse(low,
					   "match %s in an IPv6 rule that does not look for "
					   "the protocol",
					   m->ops->name);
			xtbpf_reason_extension(low->why, m->ops->name);
			return -EOPNOTSUPP;
		}
	}
	return 0;
}

static int lower_rule(struct xtbpf_lower *low, uint32_t i, struct xtbpf_rule *out)
{
	const struct xtbpf_entry *e = &low->rs->entries[i];
	struct xtbpf_view v = xtbpf_entry_view(low->rs->blob, e->offset);
	struct xtbpf_rule r = {
		.entry = i,
		.number = e->number,
		.ip = v.at,
		.matches = e->matches,
		.nmatches = e->nmatches,
	};
	int err;

	low->entry = (int)i;
	low->npreds = 0;
	if (xtbpf_lower_ip(low, &v) < 0)
		return out_of_memory(low);
	err = lower_matches(low, &v, e);
	if (!err)
		err = lower_action(low, &v, &r);
	if (err)
		return err;
	r.npreds = low->npreds;
	if (r.npreds) {
		r.preds = xtbpf_arena_alloc(low->rs->arena, r.npreds, sizeof(*r.preds));
		if (!r.preds)
			return out_of_memory(low);
		memcpy(r.preds, low->preds, r.npreds * sizeof(*r.preds));
	}
	*out = r;
	return 0;
}

/* The last rule must end the chain, else packets would run into the next one. */
static int check_end(struct xtbpf_lower *low, const struct xtbpf_chain *c, uint32_t last)
{
	const struct xtbpf_blob *blob = low->rs->blob;
	struct xtbpf_view v = xtbpf_entry_view(blob, low->rs->entries[last].offset);
	struct xtbpf_target t = xtbpf_entry_target(&v);

	low->entry = (int)last;
	if (c->hook != XTBPF_NHOOK && low->rs->entries[last].offset != blob->underflow[c->hook])
		return xtbpf_lower_refuse(low, "the policy of %s is not its last rule", c->name);
	if (t.kind != XTBPF_T_STANDARD || t.verdict >= 0 || !xtbpf_entry_unconditional(&v))
		return xtbpf_lower_refuse(low, "chain %s does not end after its last rule",
					  c->name);
	return 0;
}

/* One behind the chain's last entry. */
static uint32_t chain_end(const struct xtbpf_ruleset *rs, uint32_t first)
{
	uint32_t i = first;

	while (i < rs->nentries && !rs->entries[i].head &&
	       rs->entries[i].chain == rs->entries[first].chain)
		i++;
	return i;
}

static int lower_chain(struct xtbpf_lower *low, struct xtbpf_chain *c)
{
	struct xtbpf_ruleset *rs = low->rs;
	uint32_t end = chain_end(rs, c->first_entry);
	unsigned int n = 0;
	uint32_t i;
	int err;

	low->entry = (int)c->first_entry;
	if (end == c->first_entry)
		return xtbpf_lower_refuse(low, "chain %s has no rules, not even its end", c->name);
	err = check_end(low, c, end - 1);
	for (i = c->first_entry; i < end && !err; i++)
		err = lower_rule(low, i, &rs->rules[rs->nrules + n++]);
	if (err)
		return err;
	c->rules = &rs->rules[rs->nrules];
	c->nrules = n;
	rs->nrules += n;
	return 0;
}

/* Chains by the place of their first entry, for rules in blob order. */
static int by_entry(const void *a, const void *b)
{
	const struct xtbpf_chain *x = *(struct xtbpf_chain *const *)a;
	const struct xtbpf_chain *y = *(struct xtbpf_chain *const *)b;

	return x->first_entry < y->first_entry ? -1 : x->first_entry > y->first_entry;
}

static int lower_chains(struct xtbpf_lower *low, struct xtbpf_chain **order)
{
	struct xtbpf_reason *why = low->why;
	unsigned int i;
	int err;

	for (i = 0; i < low->rs->nchains; i++)
		order[i] = &low->rs->chains[i];
	qsort(order, low->rs->nchains, sizeof(struct xtbpf_chain *), by_entry);
	for (i = 0; i < low->rs->nchains; i++) {
		bool reached = order[i]->hook != XTBPF_NHOOK || order[i]->reach;

		low->why = reached ? why : NULL;
		err = lower_chain(low, order[i]);
		if (err == -ENOMEM)
			return xtbpf_refuse(why, low->rs, -1, err, true, "out of memory");
		if (err && reached)
			return err;
	}
	return 0;
}

int xtbpf_lower(struct xtbpf_build *b)
{
	struct xtbpf_ruleset *rs = b->rs;
	XTBPF_AUTO_FREE struct xtbpf_chain **order =
		calloc((size_t)rs->nchains + 1, sizeof(struct xtbpf_chain *));
	struct xtbpf_lower low = { .rs = rs, .why = b->why };
	int err;

	rs->rules = xtbpf_arena_alloc(rs->arena, rs->nentries, sizeof(*rs->rules));
	if (!rs->rules || !order)
		return xtbpf_refuse(b->why, rs, -1, -ENOMEM, true, "out of memory");
	if (b->blob->valid_hooks != xtbpf_table_def(b->blob->table)->valid_hooks)
		return xtbpf_refuse(b->why, rs, -1, -EINVAL, false,
				    "not the built-in chains of table %s",
				    xtbpf_table_def(b->blob->table)->name);
	err = lower_chains(&low, order);
	free(low.preds);
	rs->lowered = !err;
	return err;
}
