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

static void entry(struct xtbpf_emit *e, const struct xtbpf_prog *prog, unsigned int parser,
		  uint32_t flags)
{
	struct xtbpf_code *c = e->code;
	struct xtbpf_label bad XTBPF_LABEL = { c, 0 }, accept XTBPF_LABEL = { c, 0 };
	unsigned int sym = xtbpf_code_sym(c, XTBPF_SYM_FUNC, XTBPF_SIG_NF, prog->name);
	int chain = e->rs->base[prog->hook];
	char text[64];

	xtbpf_code_begin(c, sym, XTBPF_SEC_NETFILTER);
	snprintf(text, sizeof(text), "%s %s", xtbpf_table_def(prog->table)->name,
		 xtbpf_hook_name(prog->hook));
	xtbpf_code_line(c, text, 0);
	xtbpf_op_mov(c, BPF_REG_2, BPF_REG_10);
	xtbpf_op_add_imm(c, BPF_REG_2, -XTBPF_STACK_KEY);
	xtbpf_op_movw_imm(c, BPF_REG_3, flags);
	xtbpf_op_call(c, parser);
	xtbpf_op_jump_if(&bad, BPF_JNE, BPF_REG_0, 0);
	xtbpf_op_mov(c, BPF_REG_1, BPF_REG_10);
	xtbpf_op_add_imm(c, BPF_REG_1, -XTBPF_STACK_KEY);
	xtbpf_op_call(c, e->layout->chain[chain].sym);
	xtbpf_op_jump_if(&accept, BPF_JEQ, BPF_REG_0, XTBPF_R_ACCEPT);
	xtbpf_label_here(&bad);
	xtbpf_op_return(c, NF_DROP);
	xtbpf_label_here(&accept);
	xtbpf_op_return(c, NF_ACCEPT);
	xtbpf_code_end(c);
}

/* Which hooks of the table the plan places, as a mask. */
static uint32_t placed(const struct xtbpf_ruleset *rs, const struct xtbpf_plan *plan,
		       enum xtbpf_place place)
{
	uint32_t hooks = 0;

	for (unsigned int h = 0; h < XTBPF_NHOOK; h++)
		if (rs->base[h] >= 0 && plan->place[rs->table][h] == place)
			hooks |= 1u << h;
	return hooks;
}

static int emit_programs(struct xtbpf_emit *e, uint32_t hooks, struct xtbpf_object *obj)
{
	struct xtbpf_code *c = e->code;
	uint32_t flags = xtbpf_wants_options(e->rs) ? XTBPF_PARSE_OPTIONS : 0;
	const char *parser_name = e->rs->family == XTBPF_IPV4 ? "xtbpf_nf4" : "xtbpf_nf6";
	unsigned int parser = xtbpf_code_sym(c, XTBPF_SYM_EXTERN, XTBPF_SIG_NF_PARSE, parser_name);

	obj->progs = calloc(XTBPF_NHOOK, sizeof(*obj->progs));
	if (!obj->progs)
		return -ENOMEM;
	xtbpf_emit_chains(e);
	for (unsigned int h = 0; h < XTBPF_NHOOK; h++) {
		if (!(hooks & 1u << h))
			continue;

		struct xtbpf_prog *prog = &obj->progs[obj->nprogs++];

		prog->kind = XTBPF_PROG_NETFILTER;
		prog->table = e->rs->table;
		prog->hook = h;
		prog_name(prog->name, e->rs->family, e->rs->table, h);
		entry(e, prog, parser, flags);
	}
	obj->runtime[0] = "rt_nf";
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
	uint32_t hooks = placed(rs, plan, XTBPF_PLACE_NETFILTER);
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
	err = emit_programs(&e, hooks, &obj);
	if (err == -E2BIG)
		return xtbpf_emit_refuse(why, -E2BIG, rs, NULL, NULL,
					 "the table is too long for BPF's jumps");
	if (err)
		return err;
	*out = obj;
	obj = (struct xtbpf_object){ 0 };
	return 0;
}
