// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A rule of a long chain in one branch. The verifier walks what follows a
 * branch again for each branch whose states it cannot merge, and gives up after
 * a million instructions: a rule that branches for each of its guards and ranges
 * costs it twice what it is long.
 *
 * So every predicate becomes a number that is 0 when it holds, and the rule is
 * the OR of them. Guards (XTBPF_P_L4, XTBPF_P_PROTO6) part a rule in sections: a guard
 * that says "hotdrop" makes what follows it hold, one that says "no match" makes it
 * fail. Each kind of guard is computed once a function, as a mask that is ANDed to
 * the section behind it, in which the guard's own FLAG is always set:
 *	in order: all but FLAG	hotdrop: 0	no match: all
 * A rule that then holds may hold because of a hotdrop: its action asks once more.
 */
#include "../bpf/key.h"
#include "emit.h"

#include <stddef.h>
#include <string.h>

#define KEY BPF_REG_6
#define TMP BPF_REG_4
#define TMP2 BPF_REG_5
#define SOME BPF_REG_0 /* all ranges so far missed */
#define FLAG(guard) (0x80000000u >> (guard))
#define FREE 0x0fffffffu /* no flags here */
#define SECTIONS 3

static const uint8_t guard_reg[XTBPF_GUARDS] = { BPF_REG_7, BPF_REG_8, BPF_REG_9 };
static const uint8_t section_reg[SECTIONS] = { BPF_REG_1, BPF_REG_2, BPF_REG_3 };

/* ---- kinds of guards ------------------------------------------------- */

static bool same_guard(const struct xtbpf_guard *a, const struct xtbpf_guard *b)
{
	return a->drop == b->drop && a->miss == b->miss;
}

/* The number of a guard in e->guard; XTBPF_GUARDS: none of them. */
static unsigned int guard_number(const struct xtbpf_emit *e, const struct xtbpf_pred *p)
{
	struct xtbpf_guard g;
	unsigned int i = 0;

	if (!xtbpf_guard_of(p, &g))
		return XTBPF_GUARDS;
	while (i < e->nguards && !same_guard(&e->guard[i], &g))
		i++;
	return i < e->nguards ? i : XTBPF_GUARDS;
}

static void find_guards(struct xtbpf_emit *e, const struct xtbpf_rule *rule)
{
	for (unsigned int i = 0; i < rule->npreds && e->nguards < XTBPF_GUARDS; i++)
		if (xtbpf_guard_of(&rule->preds[i], &e->guard[e->nguards]) &&
		    guard_number(e, &rule->preds[i]) == XTBPF_GUARDS)
			e->nguards++;
}

void xtbpf_fold_find(struct xtbpf_emit *e)
{
	e->nguards = 0;
	for (unsigned int i = 0; i < e->rs->nchains; i++)
		for (unsigned int r = 0; r < e->rs->chains[i].nrules; r++)
			find_guards(e, &e->rs->chains[i].rules[r]);
}

/*
 * reg, zero-extended, becomes 1 if it was 0, else 0. Never by an arithmetic shift:
 * where the verifier sees "-1 or 0" it follows both (maybe_fork_scalars in its
 * verifier.c, from Linux 6.19 and stable kernels).
 */
static void is_zero(struct xtbpf_code *c, uint8_t reg)
{
	xtbpf_op_add_imm(c, reg, -1);
	xtbpf_op(c, BPF_ALU64 | BPF_RSH | BPF_K, reg, 0, 0, 63);
}

static void none_of(struct xtbpf_code *c, uint8_t reg, uint8_t bits)
{
	xtbpf_op_load(c, 1, reg, KEY, offsetof(struct xtbpf_key, l4));
	xtbpf_op_alu_imm(c, BPF_AND, reg, bits);
	is_zero(c, reg);
}

/* The guard's mask, without a branch. */
static void compute(struct xtbpf_emit *e, unsigned int g)
{
	struct xtbpf_code *c = e->code;
	uint8_t reg = guard_reg[g];

	none_of(c, reg, e->guard[g].miss);
	xtbpf_op_alu_imm(c, BPF_XOR, reg, 1);
	xtbpf_op_alu_imm(c, BPF_LSH, reg, 31 - g); /* FLAG */
	xtbpf_op_alu_imm(c, BPF_OR, reg, ~FLAG(g));
	none_of(c, TMP, e->guard[g].drop);
	xtbpf_op_alu(c, BPF_MUL, reg, TMP);
}

unsigned int xtbpf_fold_begin(struct xtbpf_emit *e, const struct xtbpf_rule *rules, unsigned int n)
{
	unsigned int used = 0;

	if (n < XTBPF_FOLD_RULES)
		return 0;
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int j = 0; j < rules[i].npreds; j++)
			used |= 1u << guard_number(e, &rules[i].preds[j]);
	for (unsigned int g = 0; g < e->nguards; g++)
		if (used & 1u << g)
			compute(e, g);
	return XTBPF_FOLD | (used & ((1u << e->nguards) - 1));
}

/* ---- predicates as numbers ------------------------------------------- */

/**
 * struct section - the predicates between two guards
 * @flag: FLAG of the guard before it, 0: there is none
 * @live: reg has a value; @flagged: flag is in it
 */
struct section {
	uint8_t reg;
	uint32_t flag;
	bool live, flagged;
};

static void add(struct xtbpf_emit *e, struct section *s, uint8_t value)
{
	if (s->live)
		xtbpf_op_alu(e->code, BPF_OR, s->reg, value);
	else
		xtbpf_op(e->code, BPF_ALU | BPF_MOV | BPF_X, s->reg, value, 0, 0);
	s->live = true;
}

/* The register for the next difference: the section's own if it is the first. */
static uint8_t fresh(const struct section *s)
{
	return s->live ? TMP : s->reg;
}

static void added(struct xtbpf_emit *e, struct section *s, uint8_t reg)
{
	if (reg != s->reg)
		add(e, s, reg);
	s->live = true;
}

static void fails(struct xtbpf_emit *e, struct section *s)
{
	uint8_t reg = fresh(s);

	xtbpf_op_movw_imm(e->code, reg, 1);
	added(e, s, reg);
}

/* reg ^= value; sets the flag by the way if it is wanted and value leaves it free */
static void compare(struct xtbpf_emit *e, struct section *s, uint8_t reg, uint32_t value)
{
	if (s->flag && !s->flagged && value <= FREE) {
		value |= s->flag;
		s->flagged = true;
	}
	if (value)
		xtbpf_op_alu_imm(e->code, BPF_XOR, reg, value);
}

static void plain_bits(struct xtbpf_emit *e, struct section *s, const struct xtbpf_pred *p)
{
	struct xtbpf_field_def f = xtbpf_field(p->bits.field, e->rs->family);
	unsigned int w = xtbpf_piece_width(f.width);

	for (unsigned int at = 0; at < f.width; at += w) {
		uint32_t mask = xtbpf_piece(p->bits.mask, at, w);
		uint32_t value = xtbpf_piece(p->bits.value, at, w);
		uint8_t reg = fresh(s);

		if (!mask && !value)
			continue;
		xtbpf_op_load(e->code, w, reg, KEY, (int16_t)(f.offset + at));
		if (mask != xtbpf_full_mask(w))
			xtbpf_op_alu_imm(e->code, BPF_AND, reg, mask);
		compare(e, s, reg, value);
		added(e, s, reg);
	}
}

static void inverted_bits(struct xtbpf_emit *e, struct section *s, const struct xtbpf_pred *p)
{
	struct section own = { .reg = TMP2 };

	plain_bits(e, &own, p);
	if (!own.live) {
		fails(e, s);
		return;
	}
	is_zero(e->code, TMP2);
	add(e, s, TMP2);
}

/* TMP2 = 1 if the field is outside the range, else 0 */
static void outside(struct xtbpf_emit *e, const struct xtbpf_range *r)
{
	struct xtbpf_field_def f = xtbpf_field(r->field, e->rs->family);
	struct xtbpf_code *c = e->code;

	xtbpf_op_load(c, f.width, TMP, KEY, f.offset);
	if (r->lo)
		xtbpf_op_alu_imm(c, BPF_SUB, TMP, r->lo);
	xtbpf_op_movw_imm(c, TMP2, (uint32_t)(r->hi - r->lo));
	xtbpf_op(c, BPF_ALU64 | BPF_SUB | BPF_X, TMP2, TMP, 0, 0);
	xtbpf_op(c, BPF_ALU64 | BPF_RSH | BPF_K, TMP2, 0, 0, 63);
}

static void ranges(struct xtbpf_emit *e, struct section *s, const struct xtbpf_pred *p)
{
	const struct xtbpf_range *r = p->ranges.range;
	struct xtbpf_code *c = e->code;

	if (!p->ranges.n) {
		if (!p->invert)
			fails(e, s);
		return;
	}
	if (p->ranges.n == 1 && r->lo == r->hi && !p->invert) {
		struct xtbpf_field_def f = xtbpf_field(r->field, e->rs->family);
		uint8_t reg = fresh(s);

		xtbpf_op_load(c, f.width, reg, KEY, f.offset);
		compare(e, s, reg, r->lo);
		added(e, s, reg);
		return;
	}
	outside(e, &r[0]);
	if (p->ranges.n > 1)
		xtbpf_op_mov(c, SOME, TMP2);
	for (unsigned int i = 1; i < p->ranges.n; i++) {
		outside(e, &r[i]);
		xtbpf_op_alu(c, BPF_AND, SOME, TMP2);
	}
	if (p->invert)
		xtbpf_op_alu_imm(c, BPF_XOR, p->ranges.n > 1 ? SOME : TMP2, 1);
	add(e, s, p->ranges.n > 1 ? SOME : TMP2);
}

/* ---- a rule ---------------------------------------------------------- */

/* Ranges of values in host order that leave the flags free. */
static bool narrow(const struct xtbpf_emit *e, const struct xtbpf_pred *p)
{
	for (unsigned int i = 0; i < p->ranges.n; i++) {
		struct xtbpf_field_def f = xtbpf_field(p->ranges.range[i].field, e->rs->family);

		if (f.width > 2 || f.big_endian)
			return false;
	}
	return true;
}

/* A difference in the flags alone would be lost behind a guard: wide fields may not stand there. */
static bool fits(const struct xtbpf_emit *e, const struct xtbpf_pred *p, bool guarded)
{
	if (e->early && xtbpf_early_blind(p))
		return false;
	switch (p->kind) {
	case XTBPF_P_BITS:
		return !guarded || xtbpf_field(p->bits.field, e->rs->family).width <= 2;
	case XTBPF_P_RANGES:
		return narrow(e, p);
	default:
		return false;
	}
}

static bool foldable(const struct xtbpf_emit *e, unsigned int fold, const struct xtbpf_rule *rule)
{
	unsigned int guards = 0;

	for (unsigned int i = 0; i < rule->npreds; i++) {
		const struct xtbpf_pred *p = &rule->preds[i];
		struct xtbpf_guard g;

		if (!xtbpf_guard_of(p, &g)) {
			if (!fits(e, p, guards > 0))
				return false;
			continue;
		}
		if (++guards == SECTIONS ||
		    !(fold & ((1u << XTBPF_GUARDS) - 1) & 1u << guard_number(e, p)))
			return false;
	}
	return true;
}

static void pred(struct xtbpf_emit *e, struct section *s, const struct xtbpf_pred *p)
{
	if (p->kind == XTBPF_P_RANGES)
		ranges(e, s, p);
	else if (p->invert)
		inverted_bits(e, s, p);
	else
		plain_bits(e, s, p);
}

/* The section behind guard g joins the one before the guard. */
static void join(struct xtbpf_emit *e, struct section *before, struct section *s, unsigned int g)
{
	if (!s->live)
		xtbpf_op_movw_imm(e->code, s->reg, s->flag);
	else if (!s->flagged)
		xtbpf_op_alu_imm(e->code, BPF_OR, s->reg, s->flag);
	xtbpf_op_alu(e->code, BPF_AND, s->reg, guard_reg[g]);
	if (before->live)
		xtbpf_op_alu(e->code, BPF_OR, before->reg, s->reg);
	else
		before->reg = s->reg;
	before->live = true;
}

bool xtbpf_fold_preds(struct xtbpf_emit *e, unsigned int fold, const struct xtbpf_rule *rule,
		      struct xtbpf_label *next, unsigned int *guards)
{
	struct section s[SECTIONS] = { { .reg = section_reg[0] } };
	unsigned int number[SECTIONS] = { 0 }, n = 0;

	if (!fold || !foldable(e, fold, rule))
		return false;
	for (unsigned int i = 0; i < rule->npreds; i++) {
		const struct xtbpf_pred *p = &rule->preds[i];
		struct xtbpf_guard g;

		if (xtbpf_guard_of(p, &g)) {
			number[++n] = guard_number(e, p);
			s[n] = (struct section){ .reg = section_reg[n], .flag = FLAG(number[n]) };
			*guards |= 1u << number[n];
		} else {
			pred(e, &s[n], p);
		}
	}
	for (; n > 0; n--)
		join(e, &s[n - 1], &s[n], number[n]);
	if (s[0].live)
		xtbpf_op_jump_if(next, BPF_JNE, s[0].reg, 0);
	return true;
}

void xtbpf_fold_hotdrop(struct xtbpf_emit *e, unsigned int guards, struct xtbpf_label *hotdrop)
{
	uint8_t drop = 0;

	for (unsigned int g = 0; g < e->nguards; g++)
		if (guards & 1u << g)
			drop |= e->guard[g].drop;
	xtbpf_op_load(e->code, 1, TMP, KEY, offsetof(struct xtbpf_key, l4));
	xtbpf_op_jump_if(hotdrop, BPF_JSET, TMP, drop);
}
