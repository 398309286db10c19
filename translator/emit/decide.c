// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The deciding programs of one table: for each built-in chain an entry that
 * fills the key on its stack by the hook's parser, calls the chain and says its
 * verdict in the hook's words.
 */
#include "../bpf/key.h"
#include "emit.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NF_DROP 0
#define NF_ACCEPT 1
#define CTX BPF_REG_8

void xtbpf_object_release(struct xtbpf_object *obj)
{
	free(obj->elf);
	free(obj->progs);
	*obj = (struct xtbpf_object){ 0 };
}

/* "f4_in": table, family, hook. */
static void prog_name(char name[16], enum xtbpf_family family, enum xtbpf_table_id table,
		      enum xtbpf_hook hook)
{
	static const char *const hooks[] = { "pre", "in", "fwd", "out", "post" };

	snprintf(name, 16, "%c%c_%s", xtbpf_table_def(table)->name[0],
		 family == XTBPF_IPV4 ? '4' : '6', hooks[hook]);
}

/**
 * struct hook_kind - what the hooks we decide at differ in
 * @parser: name without the family's number
 * @path: what the parser returns for a packet of this chain; else it passes
 * @unparsed, @drop, @accept: return values; unparsed: the parser said otherwise
 */
struct hook_kind {
	enum xtbpf_prog_kind kind;
	enum xtbpf_section section;
	enum xtbpf_sig sig, parse_sig;
	const char *runtime;
	const char *parser;
	uint32_t path, unparsed, drop, accept;
};

/* A packet too short for its header is dropped without a count at netfilter hooks. */
static const struct hook_kind at_netfilter = {
	.kind = XTBPF_PROG_NETFILTER,
	.section = XTBPF_SEC_NETFILTER,
	.sig = XTBPF_SIG_NF,
	.parse_sig = XTBPF_SIG_NF_PARSE,
	.runtime = "rt_nf",
	.parser = "xtbpf_nf",
	.path = 0,
	.unparsed = NF_DROP,
	.drop = NF_DROP,
	.accept = NF_ACCEPT,
};

/* TC_ACT_UNSPEC: on with the next program or filter. */
static struct hook_kind at_tc(enum xtbpf_hook hook, enum xtbpf_place place)
{
	bool in = place == XTBPF_PLACE_TC_INGRESS;

	return (struct hook_kind){
		.kind = in ? XTBPF_PROG_TC_INGRESS : XTBPF_PROG_TC_EGRESS,
		.section = XTBPF_SEC_TC,
		.sig = XTBPF_SIG_TC,
		.parse_sig = XTBPF_SIG_TC_PARSE,
		.runtime = "rt_tc",
		.parser = in ? "xtbpf_tc_in" : "xtbpf_tc_eg",
		.path = hook == XTBPF_INPUT	? XTBPF_PATH_INPUT
			: hook == XTBPF_FORWARD ? XTBPF_PATH_FORWARD
						: XTBPF_PATH_OUTPUT,
		.unparsed = (uint32_t)TC_ACT_UNSPEC,
		.drop = TC_ACT_SHOT,
		.accept = (uint32_t)TC_ACT_UNSPEC,
	};
}

static void entry(struct xtbpf_emit *e, const struct xtbpf_prog *prog, const struct hook_kind *hook,
		  uint32_t flags)
{
	struct xtbpf_code *c = e->code;
	struct xtbpf_label other XTBPF_LABEL = { c, 0 }, accept XTBPF_LABEL = { c, 0 };
	int chain = e->rs->base[prog->hook];
	uint8_t key = e->ctx ? BPF_REG_2 : BPF_REG_1;
	char text[64];

	snprintf(text, sizeof(text), "%s%c", hook->parser, e->rs->family == XTBPF_IPV4 ? '4' : '6');

	unsigned int parser = xtbpf_code_extern(c, hook->parse_sig, text);
	unsigned int sym = xtbpf_code_sym(c, XTBPF_SYM_FUNC, hook->sig, prog->name);

	xtbpf_code_begin(c, sym, hook->section);
	snprintf(text, sizeof(text), "%s %s", xtbpf_table_def(prog->table)->name,
		 xtbpf_hook_name(prog->hook));
	xtbpf_code_line(c, text, 0);
	if (e->ctx)
		xtbpf_op_mov(c, CTX, BPF_REG_1);
	xtbpf_op_mov(c, BPF_REG_2, BPF_REG_10);
	xtbpf_op_add_imm(c, BPF_REG_2, -XTBPF_STACK_KEY);
	xtbpf_op_movw_imm(c, BPF_REG_3, flags);
	xtbpf_op_call(c, parser);
	xtbpf_op_jump_if(&other, BPF_JNE, BPF_REG_0, hook->path);
	if (e->ctx)
		xtbpf_op_mov(c, BPF_REG_1, CTX);
	xtbpf_op_mov(c, key, BPF_REG_10);
	xtbpf_op_add_imm(c, key, -XTBPF_STACK_KEY);
	xtbpf_op_call(c, e->layout->chain[chain].sym);
	xtbpf_op_jump_if(&accept, BPF_JEQ, BPF_REG_0, XTBPF_R_ACCEPT);
	xtbpf_op_return(c, hook->drop);
	xtbpf_label_here(&accept);
	xtbpf_op_return(c, hook->accept);
	xtbpf_label_here(&other);
	xtbpf_op_return(c, hook->unparsed);
	xtbpf_code_end(c);
}

/* Hooks of the table that the plan places, as a mask. */
static uint32_t placed(const struct xtbpf_ruleset *rs, const struct xtbpf_plan *plan)
{
	uint32_t hooks = 0;

	for (unsigned int h = 0; h < XTBPF_NHOOK; h++)
		if (rs->base[h] >= 0 && plan->place[rs->table][h] != XTBPF_PLACE_NONE)
			hooks |= 1u << h;
	return hooks;
}

/* Is the table decided at netfilter hooks? It is all here or all there. */
static bool at_hooks(const struct xtbpf_ruleset *rs, const struct xtbpf_plan *plan, uint32_t hooks)
{
	for (unsigned int h = 0; h < XTBPF_NHOOK; h++)
		if (hooks & 1u << h)
			return plan->place[rs->table][h] == XTBPF_PLACE_NETFILTER;
	return false;
}

static void add_runtime(struct xtbpf_emit *e, struct xtbpf_object *obj, const char *name)
{
	const unsigned int max = sizeof(obj->runtime) / sizeof(obj->runtime[0]) - 1;
	unsigned int i = 0;

	while (i < max && obj->runtime[i] && strcmp(obj->runtime[i], name) != 0)
		i++;
	if (i == max)
		e->code->err = -E2BIG;
	else
		obj->runtime[i] = name;
}

/* The runtimes of all XTBPF_P_CALL. */
static void add_callees(struct xtbpf_emit *e, struct xtbpf_object *obj)
{
	for (unsigned int i = 0; i < e->rs->nrules; i++)
		for (unsigned int j = 0; j < e->rs->rules[i].npreds; j++) {
			const struct xtbpf_pred *p = &e->rs->rules[i].preds[j];

			if (p->kind == XTBPF_P_CALL)
				add_runtime(e, obj, e->netfilter ? p->call.to->nf : p->call.to->tc);
		}
}

static int emit_programs(struct xtbpf_emit *e, const struct xtbpf_plan *plan, uint32_t hooks,
			 struct xtbpf_object *obj)
{
	struct xtbpf_code *c = e->code;
	uint32_t flags = xtbpf_wants(e->rs);

	obj->progs = calloc(XTBPF_NHOOK, sizeof(*obj->progs));
	if (!obj->progs)
		return -ENOMEM;
	e->ctx = xtbpf_any_call(e->rs);
	e->netfilter = at_hooks(e->rs, plan, hooks);
	xtbpf_emit_chains(e);
	for (unsigned int h = 0; h < XTBPF_NHOOK; h++) {
		enum xtbpf_place place = plan->place[e->rs->table][h];
		struct hook_kind hook =
			place == XTBPF_PLACE_NETFILTER ? at_netfilter : at_tc(h, place);
		struct xtbpf_prog *prog = &obj->progs[obj->nprogs];

		if (!(hooks & 1u << h))
			continue;
		prog->kind = hook.kind;
		prog->table = e->rs->table;
		prog->hook = h;
		prog_name(prog->name, e->rs->family, e->rs->table, h);
		entry(e, prog, &hook, flags);
		obj->nprogs++;
		add_runtime(e, obj, hook.runtime);
	}
	add_callees(e, obj);
	obj->insns = c->n;
	return xtbpf_object_write(c, &obj->elf, &obj->size);
}

int xtbpf_emit_decide(const struct xtbpf_ruleset *rs, const struct xtbpf_plan *plan,
		      struct xtbpf_object *out, struct xtbpf_reason *why)
{
	struct xtbpf_layout layout __attribute__((cleanup(xtbpf_layout_release))) = { 0 };
	struct xtbpf_code code __attribute__((cleanup(xtbpf_code_release))) = { 0 };
	struct xtbpf_object obj __attribute__((cleanup(xtbpf_object_release))) = { 0 };
	struct xtbpf_emit e = { .code = &code, .rs = rs, .layout = &layout };
	uint32_t hooks = placed(rs, plan);
	char name[32];
	int err;

	if (!hooks) {
		*out = obj;
		return 0;
	}
	err = xtbpf_layout_make(rs, hooks, &layout, why);
	if (err)
		return err;
	err = xtbpf_code_init(&code);
	if (err)
		return err;
	snprintf(name, sizeof(name), "cnt_%s", xtbpf_table_def(rs->table)->name);
	e.counters = xtbpf_code_sym(&code, XTBPF_SYM_COUNTERS, 0, name);
	if (!code.err)
		code.sym[e.counters].entries = rs->blob->num_entries;
	err = emit_programs(&e, plan, hooks, &obj);
	if (err == -E2BIG)
		return xtbpf_emit_refuse(why, -E2BIG, rs, NULL, NULL,
					 "the table is too long for BPF's jumps");
	if (err)
		return err;
	*out = obj;
	obj = (struct xtbpf_object){ 0 };
	return 0;
}
