// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Chains to functions. A chain is a global function of the key (so verified
 * once, and loads from the key are plain memory) that returns XTBPF_R_*.
 * Traversal is that of ipt_do_table (net/ipv4/netfilter/ip_tables.c): a rule that
 * holds is counted before its target acts; RETURN in a built-in chain, also
 * from a chain entered by goto, leads to the policy, which is an entry with a
 * counter like any other.
 */
#include "../bpf/key.h"
#include "emit.h"
#include "search.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#define KEY BPF_REG_6
#define ENTRY BPF_REG_0

/* Where a function keeps the hook's context on its stack; the registers are taken. */
#define CTX_AT (-16)

/* The key's spare byte is always 0, which the verifier does not know. */
#define SPARE offsetof(struct xtbpf_key, pad)

void xtbpf_emit_count(struct xtbpf_emit *e)
{
	struct xtbpf_code *c = e->code;
	struct xtbpf_label absent XTBPF_LABEL = { c, 0 };

	xtbpf_op_mov(c, BPF_REG_2, BPF_REG_10);
	xtbpf_op_add_imm(c, BPF_REG_2, -4);
	xtbpf_op_map(c, BPF_REG_1, e->counters);
	xtbpf_op_helper(c, BPF_FUNC_map_lookup_elem);
	xtbpf_op_jump_null(&absent, BPF_JEQ, BPF_REG_0);
	/* Atomic: at LOCAL_OUT we run in process context and can be preempted. */
	xtbpf_op_movw_imm(c, BPF_REG_1, 1);
	xtbpf_op_atomic_add(c, BPF_REG_0, 0, BPF_REG_1);
	xtbpf_op_load(c, 4, BPF_REG_1, KEY, offsetof(struct xtbpf_key, len));
	xtbpf_op_atomic_add(c, BPF_REG_0, 8, BPF_REG_1);
}

/* Puts table << 24 | entry, which is in r2, on the trail. */
static void push_trail(struct xtbpf_emit *e, const struct xtbpf_scope *scope)
{
	struct xtbpf_code *c = e->code;

	xtbpf_op_load(c, 4, BPF_REG_1, KEY, offsetof(struct xtbpf_early_key, ntrail));
	xtbpf_op_jump_if(scope->unknown, BPF_JGE, BPF_REG_1, XTBPF_TRAIL);
	xtbpf_op_mov(c, BPF_REG_3, BPF_REG_1);
	xtbpf_op(c, BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_3, 0, 0, 2);
	xtbpf_op(c, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, KEY, 0, 0);
	xtbpf_op_store(c, 4, BPF_REG_3, offsetof(struct xtbpf_early_key, trail), BPF_REG_2);
	xtbpf_op_add_imm(c, BPF_REG_1, 1);
	xtbpf_op_store(c, 4, KEY, offsetof(struct xtbpf_early_key, ntrail), BPF_REG_1);
}

static void count_rule(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		       const struct xtbpf_rule *rule)
{
	if (e->early) {
		xtbpf_op_movw_imm(e->code, BPF_REG_2, (uint32_t)e->rs->table << 24 | rule->entry);
		push_trail(e, scope);
	} else {
		xtbpf_op_store_imm(e->code, 4, BPF_REG_10, -4, (int32_t)rule->entry);
		xtbpf_emit_count(e);
	}
}

/*
 * Counts the entry in r0. The spare byte is added so that the verifier does not
 * see a constant there: it would verify these lines anew for every rule.
 */
static void count_register(struct xtbpf_emit *e, const struct xtbpf_scope *scope)
{
	struct xtbpf_code *c = e->code;

	xtbpf_op_load(c, 1, BPF_REG_2, KEY, SPARE);
	xtbpf_op_alu(c, BPF_ADD, BPF_REG_2, ENTRY);
	if (e->early) {
		push_trail(e, scope);
	} else {
		xtbpf_op_store(c, 4, BPF_REG_10, -4, BPF_REG_2);
		xtbpf_emit_count(e);
	}
}

void xtbpf_emit_verdict(struct xtbpf_emit *e, const struct xtbpf_rule *rule,
			struct xtbpf_label *tail)
{
	uint32_t table = e->early ? (uint32_t)e->rs->table << 24 : 0;

	xtbpf_op_movw_imm(e->code, ENTRY, table | rule->entry);
	xtbpf_op_jump(tail);
}

/* The body of a chain inside its caller: RETURN leads behind it. */
static void inline_chain(struct xtbpf_emit *e, const struct xtbpf_scope *outer,
			 const struct xtbpf_chain *chain)
{
	struct xtbpf_label end XTBPF_LABEL = { e->code, 0 };
	struct xtbpf_scope scope = *outer;

	scope.ret = &end;
	xtbpf_search_straight.emit(e, &scope, chain, chain->rules, chain->nrules);
}

void xtbpf_emit_ctx(struct xtbpf_emit *e, uint8_t reg)
{
	xtbpf_op_load(e->code, 8, reg, BPF_REG_10, CTX_AT);
}

static void chain_args(struct xtbpf_emit *e)
{
	if (e->ctx)
		xtbpf_emit_ctx(e, BPF_REG_1);
	xtbpf_op_mov(e->code, e->ctx ? BPF_REG_2 : BPF_REG_1, KEY);
}

static void enter_chain(struct xtbpf_emit *e, const struct xtbpf_scope *scope, unsigned int target)
{
	const struct xtbpf_chain_layout *to = &e->layout->chain[target];
	struct xtbpf_code *c = e->code;

	if (to->inlined) {
		inline_chain(e, scope, &e->rs->chains[target]);
		return;
	}
	chain_args(e);
	xtbpf_op_call(c, to->sym);
	xtbpf_op_jump_if(scope->out, BPF_JNE, BPF_REG_0, XTBPF_R_CONTINUE);
}

void xtbpf_emit_action(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		       const struct xtbpf_rule *rule, unsigned int guards)
{
	bool ends = rule->action == XTBPF_A_ACCEPT || rule->action == XTBPF_A_DROP;

	if (guards && !ends)
		xtbpf_fold_hotdrop(e, guards, scope->hotdrop);
	switch (rule->action) {
	case XTBPF_A_ACCEPT:
		xtbpf_emit_verdict(e, rule, guards ? &scope->ends->accept[guards] : scope->accept);
		return;
	case XTBPF_A_DROP:
		xtbpf_emit_verdict(e, rule, guards ? &scope->ends->drop[guards] : scope->drop);
		return;
	case XTBPF_A_CONTINUE:
		count_rule(e, scope, rule);
		return;
	case XTBPF_A_RETURN:
		count_rule(e, scope, rule);
		xtbpf_op_jump(scope->ret);
		return;
	case XTBPF_A_JUMP:
		count_rule(e, scope, rule);
		enter_chain(e, scope, rule->target);
		return;
	case XTBPF_A_GOTO:
		count_rule(e, scope, rule);
		enter_chain(e, scope, rule->target);
		xtbpf_op_jump(scope->ret);
		return;
	}
}

/* A name for the chain's function: printable everywhere, and unique by its number. */
static void function_name(char *name, size_t size, unsigned int number,
			  const struct xtbpf_chain *chain, const char *suffix)
{
	int n = snprintf(name, size, "c_%u%s_%s", number, suffix, chain->name);

	for (char *p = name; n > 0 && *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
}

static enum xtbpf_sig chain_sig(const struct xtbpf_emit *e)
{
	if (e->ctx)
		return e->netfilter ? XTBPF_SIG_NF_CHAIN : XTBPF_SIG_TC_CHAIN;
	return e->early ? XTBPF_SIG_EARLY : XTBPF_SIG_CHAIN;
}

/* n rules from `from` on will follow; returns scope->fold. */
static unsigned int begin(struct xtbpf_emit *e, const struct xtbpf_chain *chain, unsigned int from,
			  unsigned int n, unsigned int sym)
{
	struct xtbpf_code *c = e->code;
	struct xtbpf_label there XTBPF_LABEL = { c, 0 };
	uint8_t key = e->ctx ? BPF_REG_2 : BPF_REG_1;
	char text[96];

	xtbpf_code_begin(c, sym, XTBPF_SEC_TEXT);
	snprintf(text, sizeof(text), "%s %s", xtbpf_table_def(e->rs->table)->name, chain->name);
	xtbpf_code_line(c, text, 0);
	/* The argument of a global function may be NULL, for all the verifier knows. */
	xtbpf_op_jump_null(&there, BPF_JNE, key);
	xtbpf_op_return(c, e->early ? XTBPF_R_UNKNOWN : XTBPF_R_DROP);
	xtbpf_label_here(&there);
	xtbpf_op_mov(c, KEY, key);
	if (e->ctx)
		xtbpf_op_store(c, 8, BPF_REG_10, CTX_AT, BPF_REG_1);
	return xtbpf_fold_begin(e, chain->rules + from, n);
}

/* Rules that may hold only because a guard says hotdrop. */
static void guarded_ends(struct xtbpf_emit *e, const struct xtbpf_scope *scope)
{
	for (unsigned int g = 1; g < 1u << XTBPF_GUARDS; g++) {
		if (scope->ends->accept[g].head) {
			xtbpf_label_here(&scope->ends->accept[g]);
			xtbpf_fold_hotdrop(e, g, scope->hotdrop);
			xtbpf_op_jump(scope->accept);
		}
		if (scope->ends->drop[g].head) {
			xtbpf_label_here(&scope->ends->drop[g]);
			xtbpf_fold_hotdrop(e, g, scope->hotdrop);
			xtbpf_op_jump(scope->drop);
		}
	}
}

static void tail(struct xtbpf_emit *e, const struct xtbpf_scope *scope, struct xtbpf_label *at,
		 uint32_t value)
{
	xtbpf_label_here(at);
	count_register(e, scope);
	xtbpf_op_return(e->code, value);
}

/* The ends of a function; `end` is what it returns behind its last rule or by RETURN. */
static void finish(struct xtbpf_emit *e, const struct xtbpf_scope *scope, uint32_t ret)
{
	xtbpf_label_here(scope->ret);
	xtbpf_op_return(e->code, ret);
	guarded_ends(e, scope);
	tail(e, scope, scope->accept, XTBPF_R_ACCEPT);
	tail(e, scope, scope->drop, XTBPF_R_DROP);
	xtbpf_label_here(scope->hotdrop);
	xtbpf_op_return(e->code, XTBPF_R_DROP);
	xtbpf_label_here(scope->unknown);
	xtbpf_op_return(e->code, XTBPF_R_UNKNOWN);
	xtbpf_label_here(scope->out);
	xtbpf_op_exit(e->code);
	xtbpf_code_end(e->code);
}

static void ends_init(struct xtbpf_code *c, struct xtbpf_ends *ends)
{
	for (unsigned int g = 0; g < 1u << XTBPF_GUARDS; g++)
		ends->accept[g] = ends->drop[g] = (struct xtbpf_label){ c, 0 };
}

/* Rules [from, from + n) of a chunked chain as a function; its symbol. */
static unsigned int emit_chunk(struct xtbpf_emit *e, unsigned int index, unsigned int from,
			       unsigned int n)
{
	const struct xtbpf_chain *chain = &e->rs->chains[index];
	struct xtbpf_code *c = e->code;
	struct xtbpf_label accept XTBPF_LABEL = { c, 0 }, drop XTBPF_LABEL = { c, 0 };
	struct xtbpf_label ret XTBPF_LABEL = { c, 0 }, out XTBPF_LABEL = { c, 0 };
	struct xtbpf_label unknown XTBPF_LABEL = { c, 0 }, hotdrop XTBPF_LABEL = { c, 0 };
	struct xtbpf_ends ends;
	struct xtbpf_scope scope = { &accept, &drop, &ret, &out, &unknown, &hotdrop, &ends, 0 };
	char suffix[32], name[64];

	snprintf(suffix, sizeof(suffix), "_%u_%u", e->rs->table, from + 1);
	function_name(name, sizeof(name), index, chain, suffix);

	unsigned int sym = xtbpf_code_sym(c, XTBPF_SYM_FUNC, chain_sig(e), name);

	ends_init(c, &ends);
	scope.fold = begin(e, chain, from, n, sym);
	xtbpf_search_straight.emit(e, &scope, chain, chain->rules + from, n);
	xtbpf_op_return(c, XTBPF_R_CONTINUE);
	finish(e, &scope, XTBPF_R_RETURN);
	return sym;
}

static unsigned int rule_cost(const struct xtbpf_emit *e, const struct xtbpf_rule *r)
{
	unsigned int cost = xtbpf_search_straight.cost(r, 1) + xtbpf_action_cost(r);

	if ((r->action == XTBPF_A_JUMP || r->action == XTBPF_A_GOTO) &&
	    e->layout->chain[r->target].inlined)
		cost += e->layout->chain[r->target].cost;
	return cost;
}

/* How many rules from `from` on make the next chunk; the last rule is never in one. */
static unsigned int chunk_length(const struct xtbpf_emit *e, const struct xtbpf_chain *chain,
				 unsigned int from)
{
	unsigned int cost = 0, n = 0;

	while (from + n < chain->nrules - 1 && n < XTBPF_CHUNK_RULES) {
		cost += rule_cost(e, &chain->rules[from + n]);
		if (n && cost > XTBPF_CHUNK_INSNS)
			break;
		n++;
	}
	return n;
}

/* Calls a chunk: a verdict goes out, a RETURN to scope->ret. */
static void call_chunk(struct xtbpf_emit *e, const struct xtbpf_scope *scope, unsigned int sym)
{
	struct xtbpf_code *c = e->code;
	struct xtbpf_label next XTBPF_LABEL = { c, 0 };

	chain_args(e);
	xtbpf_op_call(c, sym);
	xtbpf_op_jump_if(&next, BPF_JEQ, BPF_REG_0, XTBPF_R_CONTINUE);
	xtbpf_op_jump_if(scope->ret, BPF_JEQ, BPF_REG_0, XTBPF_R_RETURN);
	xtbpf_op_jump(scope->out);
}

/*
 * All of a chain in one function, or the calls of its chunks. A built-in
 * chain's last rule is the policy, where RETURN leads.
 */
static void emit_chain(struct xtbpf_emit *e, unsigned int index, const unsigned int *chunks,
		       unsigned int nchunks)
{
	const struct xtbpf_chain *chain = &e->rs->chains[index];
	struct xtbpf_code *c = e->code;
	struct xtbpf_label accept XTBPF_LABEL = { c, 0 }, drop XTBPF_LABEL = { c, 0 };
	struct xtbpf_label ret XTBPF_LABEL = { c, 0 }, out XTBPF_LABEL = { c, 0 };
	struct xtbpf_label unknown XTBPF_LABEL = { c, 0 }, hotdrop XTBPF_LABEL = { c, 0 };
	struct xtbpf_ends ends;
	struct xtbpf_scope scope = { &accept, &drop, &ret, &out, &unknown, &hotdrop, &ends, 0 };
	unsigned int last = chain->nrules - 1;

	ends_init(c, &ends);
	scope.fold = begin(e, chain, 0, nchunks ? 0 : last, e->layout->chain[index].sym);
	for (unsigned int i = 0; i < nchunks; i++)
		call_chunk(e, &scope, chunks[i]);
	if (!nchunks)
		xtbpf_search_straight.emit(e, &scope, chain, chain->rules, last);
	if (chain->hook != XTBPF_NHOOK)
		xtbpf_label_here(&ret);
	xtbpf_search_straight.emit(e, &scope, chain, &chain->rules[last], 1);
	/* Only a policy that does not hold would come here; there is none. */
	xtbpf_op_return(c, chain->hook != XTBPF_NHOOK ? XTBPF_R_DROP : XTBPF_R_CONTINUE);
	finish(e, &scope, XTBPF_R_CONTINUE);
}

static void emit_chunked(struct xtbpf_emit *e, unsigned int index)
{
	const struct xtbpf_chain *chain = &e->rs->chains[index];
	unsigned int chunks[1024], n = 0, from = 0, len;

	while ((len = chunk_length(e, chain, from)) > 0) {
		if (n == sizeof(chunks) / sizeof(chunks[0])) {
			e->code->err = -E2BIG;
			return;
		}
		chunks[n++] = emit_chunk(e, index, from, len);
		from += len;
	}
	emit_chain(e, index, chunks, n);
}

void xtbpf_emit_chains(struct xtbpf_emit *e)
{
	const struct xtbpf_layout *l = e->layout;
	char name[64], suffix[16];

	xtbpf_fold_find(e);
	snprintf(suffix, sizeof(suffix), "_%u", e->rs->table);
	for (unsigned int o = 0; o < l->norder; o++) {
		struct xtbpf_chain_layout *cl = &l->chain[l->order[o]];

		if (cl->inlined)
			continue;
		function_name(name, sizeof(name), l->order[o], &e->rs->chains[l->order[o]], suffix);
		cl->sym = xtbpf_code_sym(e->code, XTBPF_SYM_FUNC, chain_sig(e), name);
	}
	for (unsigned int o = 0; o < l->norder && !e->code->err; o++) {
		unsigned int index = l->order[o];

		if (l->chain[index].inlined)
			continue;
		if (l->chain[index].chunked)
			emit_chunked(e, index);
		else
			emit_chain(e, index, NULL, 0);
	}
}
