// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Early drop: one pair of programs for a family, over all tables on the way in.
 * The chains run without counting and leave a trail; only when one of them says DROP
 * does the runtime ask the expensive questions, and if the drop is sure, the trail
 * is counted.
 */
#include "../bpf/key.h"
#include "emit.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INGRESS (1u << XTBPF_PREROUTING | 1u << XTBPF_INPUT | 1u << XTBPF_FORWARD)
#define CTX BPF_REG_6
#define PATH BPF_REG_7

/**
 * struct early - the object in the making
 * @emit, @layout: by table; emit[t].rs is NULL for tables that play no part
 * @commit: symbol of the function that counts the trail
 */
struct early {
	struct xtbpf_code code;
	struct xtbpf_layout layout[XTBPF_NTABLE];
	struct xtbpf_emit emit[XTBPF_NTABLE];
	enum xtbpf_family family;
	unsigned int commit;
	uint32_t flags;
	bool wants_out;
};

static void early_release(struct early *x)
{
	xtbpf_code_release(&x->code);
	for (unsigned int t = 0; t < XTBPF_NTABLE; t++)
		xtbpf_layout_release(&x->layout[t]);
}

/* The functions of the runtime that one kind of program calls. */
struct runtime {
	unsigned int parse, out, sure;
};

static unsigned int extern_sym(struct early *x, enum xtbpf_prog_kind kind, const char *what)
{
	bool xdp = kind == XTBPF_PROG_XDP;
	char name[32];

	snprintf(name, sizeof(name), "xtbpf_%s_%s%c", xdp ? "xdp" : "tc", what,
		 x->family == XTBPF_IPV4 ? '4' : '6');
	return xtbpf_code_extern(&x->code, xdp ? XTBPF_SIG_XDP_EARLY : XTBPF_SIG_TC_EARLY, name);
}

/* reg = the key on our stack */
static void key_to(struct xtbpf_code *c, uint8_t reg)
{
	xtbpf_op_mov(c, reg, BPF_REG_10);
	xtbpf_op_add_imm(c, reg, -XTBPF_STACK_EARLY);
}

/* One chain: DROP leads to sure, ACCEPT on, anything else means pass. */
static void run_chain(struct early *x, unsigned int table, enum xtbpf_hook hook,
		      struct xtbpf_label *sure, struct xtbpf_label *pass)
{
	struct xtbpf_code *c = &x->code;
	const struct xtbpf_ruleset *rs = x->emit[table].rs;

	if (!rs || rs->base[hook] < 0)
		return;
	key_to(c, BPF_REG_1);
	xtbpf_op_call(c, x->layout[table].chain[rs->base[hook]].sym);
	xtbpf_op_jump_if(sure, BPF_JEQ, BPF_REG_0, XTBPF_R_DROP);
	xtbpf_op_jump_if(pass, BPF_JNE, BPF_REG_0, XTBPF_R_ACCEPT);
}

static void run_hook(struct early *x, enum xtbpf_hook hook, struct xtbpf_label *sure,
		     struct xtbpf_label *pass)
{
	for (unsigned int t = 0; t < XTBPF_NTABLE; t++)
		run_chain(x, t, hook, sure, pass);
}

/* ip_forward and ip6_forward count TTL or hop limit down before FORWARD is asked. */
static void older(struct xtbpf_code *c)
{
	int16_t at = (int16_t)(offsetof(struct xtbpf_key, ttl) - XTBPF_STACK_EARLY);

	xtbpf_op_load(c, 1, BPF_REG_1, BPF_REG_10, at);
	xtbpf_op_add_imm(c, BPF_REG_1, -1);
	xtbpf_op_store(c, 1, BPF_REG_10, at, BPF_REG_1);
}

/* The chains of both ways; falls out when all accept. */
static void run_chains(struct early *x, const struct runtime *rt, struct xtbpf_label *sure,
		       struct xtbpf_label *pass)
{
	struct xtbpf_code *c = &x->code;
	struct xtbpf_label forward XTBPF_LABEL = { c, 0 };

	run_hook(x, XTBPF_PREROUTING, sure, pass);
	xtbpf_op_jump_if(&forward, BPF_JEQ, PATH, XTBPF_PATH_FORWARD);
	run_hook(x, XTBPF_INPUT, sure, pass);
	xtbpf_op_jump(pass);
	xtbpf_label_here(&forward);
	if (x->flags & XTBPF_PARSE_IP)
		older(c);
	if (x->wants_out) {
		xtbpf_op_mov(c, BPF_REG_1, CTX);
		key_to(c, BPF_REG_2);
		xtbpf_op_movw_imm(c, BPF_REG_3, 0);
		xtbpf_op_call(c, rt->out);
		xtbpf_op_jump_if(pass, BPF_JEQ, BPF_REG_0, 0);
	}
	run_hook(x, XTBPF_FORWARD, sure, pass);
}

static void entry(struct early *x, struct xtbpf_prog *prog)
{
	struct xtbpf_code *c = &x->code;
	bool xdp = prog->kind == XTBPF_PROG_XDP;
	struct xtbpf_label sure XTBPF_LABEL = { c, 0 }, pass XTBPF_LABEL = { c, 0 };
	struct runtime rt = { .parse = extern_sym(x, prog->kind, "parse"),
			      .out = extern_sym(x, prog->kind, "out"),
			      .sure = extern_sym(x, prog->kind, "sure") };
	unsigned int sym =
		xtbpf_code_sym(c, XTBPF_SYM_FUNC, xdp ? XTBPF_SIG_XDP : XTBPF_SIG_TC, prog->name);

	xtbpf_code_begin(c, sym, xdp ? XTBPF_SEC_XDP : XTBPF_SEC_TC);
	xtbpf_code_line(c, xdp ? "early drop at XDP" : "early drop at TC", 0);
	xtbpf_op_mov(c, CTX, BPF_REG_1);
	key_to(c, BPF_REG_2);
	xtbpf_op_movw_imm(c, BPF_REG_3, x->flags);
	xtbpf_op_call(c, rt.parse);
	xtbpf_op_mov(c, PATH, BPF_REG_0);
	xtbpf_op_jump_if(&pass, BPF_JEQ, PATH, XTBPF_PATH_NONE);
	run_chains(x, &rt, &sure, &pass);
	xtbpf_op_jump(&pass);

	xtbpf_label_here(&sure);
	xtbpf_op_mov(c, BPF_REG_1, CTX);
	key_to(c, BPF_REG_2);
	xtbpf_op_mov(c, BPF_REG_3, PATH);
	xtbpf_op_call(c, rt.sure);
	xtbpf_op_jump_if(&pass, BPF_JEQ, BPF_REG_0, 0);
	key_to(c, BPF_REG_1);
	xtbpf_op_call(c, x->commit);
	xtbpf_op_return(c, xdp ? XDP_DROP : TC_ACT_SHOT);
	xtbpf_label_here(&pass);
	xtbpf_op_return(c, xdp ? XDP_PASS : (uint32_t)TC_ACT_UNSPEC);
	xtbpf_code_end(c);
}

/* Counts trail entry i; done: the trail is at its end. */
static void commit_one(struct early *x, unsigned int i, struct xtbpf_label *done)
{
	struct xtbpf_code *c = &x->code;
	struct xtbpf_label counted XTBPF_LABEL = { c, 0 };
	int16_t at = (int16_t)(offsetof(struct xtbpf_early_key, trail) + i * 4);

	xtbpf_op_load(c, 4, BPF_REG_1, BPF_REG_6, offsetof(struct xtbpf_early_key, ntrail));
	xtbpf_op_jump_if(done, BPF_JLE, BPF_REG_1, i);
	xtbpf_op_load(c, 4, BPF_REG_7, BPF_REG_6, at);
	xtbpf_op_mov(c, BPF_REG_1, BPF_REG_7);
	xtbpf_op_alu_imm(c, BPF_AND, BPF_REG_1, 0xffffff);
	xtbpf_op_store(c, 4, BPF_REG_10, -4, BPF_REG_1);
	xtbpf_op_alu_imm(c, BPF_RSH, BPF_REG_7, 24);
	for (unsigned int t = 0; t < XTBPF_NTABLE; t++) {
		struct xtbpf_label other XTBPF_LABEL = { c, 0 };

		if (!x->emit[t].rs)
			continue;
		xtbpf_op_jump_if(&other, BPF_JNE, BPF_REG_7, t);
		xtbpf_emit_count(&x->emit[t]);
		xtbpf_op_jump(&counted);
	}
}

static void commit(struct early *x)
{
	struct xtbpf_code *c = &x->code;
	struct xtbpf_label there XTBPF_LABEL = { c, 0 }, done XTBPF_LABEL = { c, 0 };

	x->commit = xtbpf_code_sym(c, XTBPF_SYM_FUNC, XTBPF_SIG_EARLY, "xtbpf_commit");
	xtbpf_code_begin(c, x->commit, XTBPF_SEC_TEXT);
	xtbpf_code_line(c, "count the trail", 0);
	xtbpf_op_jump_null(&there, BPF_JNE, BPF_REG_1);
	xtbpf_op_return(c, 0);
	xtbpf_label_here(&there);
	xtbpf_op_mov(c, BPF_REG_6, BPF_REG_1);
	for (unsigned int i = 0; i < XTBPF_TRAIL; i++)
		commit_one(x, i, &done);
	xtbpf_label_here(&done);
	xtbpf_op_return(c, 0);
	xtbpf_code_end(c);
}

static bool tests_out(const struct xtbpf_chain *chain)
{
	for (unsigned int r = 0; r < chain->nrules; r++)
		for (unsigned int p = 0; p < chain->rules[r].npreds; p++) {
			const struct xtbpf_pred *pred = &chain->rules[r].preds[p];

			if (pred->kind == XTBPF_P_BITS && pred->bits.field == XTBPF_F_OUT)
				return true;
		}
	return false;
}

/* Does a chain that FORWARD reaches ask for the outgoing device? */
static bool wants_out(const struct xtbpf_ruleset *rs)
{
	for (unsigned int i = 0; i < rs->nchains; i++) {
		const struct xtbpf_chain *chain = &rs->chains[i];
		uint32_t hooks = chain->hook == XTBPF_NHOOK ? chain->reach : 1u << chain->hook;

		if (hooks & 1u << XTBPF_FORWARD && tests_out(chain))
			return true;
	}
	return false;
}

static int add_table(struct early *x, const struct xtbpf_ruleset *rs, struct xtbpf_reason *why)
{
	struct xtbpf_emit *e = &x->emit[rs->table];
	char name[32];
	int err = xtbpf_layout_make(rs, INGRESS, &x->layout[rs->table], why);

	if (err)
		return err;
	if (rs->blob->num_entries > 1u << 24)
		return xtbpf_emit_refuse(why, -E2BIG, rs, NULL, NULL,
					 "too many entries for early drop");
	*e = (struct xtbpf_emit){
		.code = &x->code, .rs = rs, .layout = &x->layout[rs->table], .early = true
	};
	snprintf(name, sizeof(name), "cnt_%s", xtbpf_table_def(rs->table)->name);
	e->counters = xtbpf_code_sym(&x->code, XTBPF_SYM_COUNTERS, 0, name);
	if (x->code.err)
		return x->code.err;
	x->code.sym[e->counters].entries = rs->blob->num_entries;
	xtbpf_emit_chains(e);
	x->flags |= xtbpf_wants(rs);
	x->wants_out |= wants_out(rs);
	return 0;
}

static int write_object(struct early *x, struct xtbpf_object *obj, struct xtbpf_reason *why)
{
	int err;

	obj->progs = calloc(2, sizeof(*obj->progs));
	if (!obj->progs)
		return -ENOMEM;
	obj->nprogs = 2;
	obj->progs[0] = (struct xtbpf_prog){ .name = "early_xdp", .kind = XTBPF_PROG_XDP };
	obj->progs[1] = (struct xtbpf_prog){ .name = "early_tc", .kind = XTBPF_PROG_TC_INGRESS };
	commit(x);
	entry(x, &obj->progs[0]);
	entry(x, &obj->progs[1]);
	obj->runtime[0] = "rt_early";
	obj->insns = x->code.n;
	err = xtbpf_object_write(&x->code, &obj->elf, &obj->size);
	if (err == -E2BIG)
		return xtbpf_emit_refuse(why, -E2BIG, NULL, NULL, NULL,
					 "the tables are too long for BPF's jumps");
	return err;
}

int xtbpf_emit_early(enum xtbpf_family family,
		     const struct xtbpf_ruleset *const tables[XTBPF_NTABLE],
		     const struct xtbpf_plan *plan, struct xtbpf_object *out,
		     struct xtbpf_reason *why)
{
	struct early x __attribute__((cleanup(early_release))) = { .family = family };
	struct xtbpf_object obj __attribute__((cleanup(xtbpf_object_release))) = { 0 };
	int err = xtbpf_code_init(&x.code);

	for (unsigned int t = 0; t < XTBPF_NTABLE && !err; t++)
		if (tables[t] && t != XTBPF_NAT)
			err = add_table(&x, tables[t], why);
	if (!err)
		err = write_object(&x, &obj, why);
	if (err)
		return err;
	*out = obj;
	obj = (struct xtbpf_object){ 0 };
	return 0;
}
