// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Predicates to instructions. Plain comparisons of one rule are XORed with
 * what they want and ORed into one register, so that a rule costs one branch: the
 * verifier remembers every branch it has yet to follow, and predicts badly less.
 */
#include "../bpf/key.h"
#include "../bpf/payload.h"
#include "emit.h"

#include <stdio.h>
#include <string.h>

#define KEY BPF_REG_6
#define ACC BPF_REG_1 /* not 0: some comparison failed */
#define TMP BPF_REG_2

unsigned int xtbpf_piece_width(unsigned int width)
{
	return width < 4 ? width : 4;
}

uint32_t xtbpf_piece(const uint8_t *bytes, unsigned int at, unsigned int width)
{
	uint16_t half;
	uint32_t word;

	switch (width) {
	case 1:
		return bytes[at];
	case 2:
		memcpy(&half, bytes + at, sizeof(half));
		return half;
	default:
		memcpy(&word, bytes + at, sizeof(word));
		return word;
	}
}

uint32_t xtbpf_full_mask(unsigned int width)
{
	return width == 1 ? 0xff : width == 2 ? 0xffff : 0xffffffff;
}

/* ORs into acc (sets it, unless *live) where field & mask differs from value. */
static void difference(struct xtbpf_emit *e, const struct xtbpf_pred *p, uint8_t acc, bool *live)
{
	struct xtbpf_code *c = e->code;
	struct xtbpf_field_def f = xtbpf_field(p->bits.field, e->rs->family);
	unsigned int w = xtbpf_piece_width(f.width);

	for (unsigned int at = 0; at < f.width; at += w) {
		uint32_t mask = xtbpf_piece(p->bits.mask, at, w);
		uint32_t value = xtbpf_piece(p->bits.value, at, w);
		uint8_t reg = *live ? BPF_REG_3 : acc;

		if (!mask && !value)
			continue;
		xtbpf_op_load(c, w, reg, KEY, (int16_t)(f.offset + at));
		if (mask != xtbpf_full_mask(w))
			xtbpf_op_alu_imm(c, BPF_AND, reg, mask);
		if (value)
			xtbpf_op_alu_imm(c, BPF_XOR, reg, value);
		if (*live)
			xtbpf_op_alu(c, BPF_OR, acc, reg);
		*live = true;
	}
}

static void inverted_bits(struct xtbpf_emit *e, const struct xtbpf_pred *p,
			  struct xtbpf_label *next)
{
	bool live = false;

	difference(e, p, TMP, &live);
	if (live)
		xtbpf_op_jump_if(next, BPF_JEQ, TMP, 0);
	else
		xtbpf_op_jump(next); /* equal to nothing asked for: always */
}

static void ranges(struct xtbpf_emit *e, const struct xtbpf_pred *p, struct xtbpf_label *next)
{
	struct xtbpf_code *c = e->code;
	struct xtbpf_label hit XTBPF_LABEL = { c, 0 };

	for (unsigned int i = 0; i < p->ranges.n; i++) {
		const struct xtbpf_range *r = &p->ranges.range[i];
		struct xtbpf_field_def f = xtbpf_field(r->field, e->rs->family);
		bool last = i + 1 == p->ranges.n;

		xtbpf_op_load(c, f.width, TMP, KEY, f.offset);
		if (f.big_endian)
			xtbpf_op_from_be(c, f.width, TMP);
		if (r->lo)
			xtbpf_op_alu_imm(c, BPF_SUB, TMP, r->lo);
		if (p->invert)
			xtbpf_op_jump_if(next, BPF_JLE, TMP, r->hi - r->lo);
		else if (last)
			xtbpf_op_jump_if(next, BPF_JGT, TMP, r->hi - r->lo);
		else
			xtbpf_op_jump_if(&hit, BPF_JLE, TMP, r->hi - r->lo);
	}
	if (!p->ranges.n && !p->invert)
		xtbpf_op_jump(next);
}

/*
 * key.l4 has a bit of drop: hotdrop; else one of miss: the rule does not hold.
 * Loaded anew each time: in a register that lives on, what the verifier has
 * learnt of the bits would make states differ, and it would walk the rest of the chain again.
 */
static void guard(struct xtbpf_emit *e, const struct xtbpf_scope *scope, struct xtbpf_guard g,
		  struct xtbpf_label *next)
{
	xtbpf_op_load(e->code, 1, TMP, KEY, offsetof(struct xtbpf_key, l4));
	xtbpf_op_jump_if(scope->hotdrop, BPF_JSET, TMP, g.drop);
	if (g.miss)
		xtbpf_op_jump_if(next, BPF_JSET, TMP, g.miss);
}

bool xtbpf_guard_of(const struct xtbpf_pred *p, struct xtbpf_guard *out)
{
	switch (p->kind) {
	case XTBPF_P_L4:
		out->drop = p->l4.need <= 4   ? XTBPF_L4_SHORT4
			    : p->l4.need <= 8 ? XTBPF_L4_SHORT8
					      : XTBPF_L4_SHORT20;
		if (p->l4.frag1_hotdrop)
			out->drop |= XTBPF_L4_FRAG1;
		out->miss = XTBPF_L4_FRAG;
		return true;
	case XTBPF_P_PROTO6:
		*out = (struct xtbpf_guard){ XTBPF_L4_NONE_DROP, XTBPF_L4_NONE_MISS };
		return true;
	default:
		return false;
	}
}

/*
 * r2, 64 bits at offset, and r3, what they are compared with; then: above leads to
 * `more`, below to `less`; falls out when equal.
 */
static void compare_half(struct xtbpf_emit *e, unsigned int at, const uint8_t *bytes,
			 struct xtbpf_label *less, struct xtbpf_label *more)
{
	struct xtbpf_code *c = e->code;
	uint64_t want = 0;

	for (unsigned int i = 0; i < 8; i++)
		want = want << 8 | bytes[i];
	xtbpf_op_load(c, 8, TMP, KEY, (int16_t)at);
	xtbpf_op_from_be(c, 8, TMP);
	xtbpf_op_imm64(c, BPF_REG_3, want);
	xtbpf_op_jump_reg(less, BPF_JLT, TMP, BPF_REG_3);
	if (more)
		xtbpf_op_jump_reg(more, BPF_JGT, TMP, BPF_REG_3);
}

static void wide(struct xtbpf_emit *e, const struct xtbpf_pred *p, struct xtbpf_label *next)
{
	struct xtbpf_code *c = e->code;
	unsigned int at = xtbpf_field(p->wide.field, XTBPF_IPV6).offset;
	struct xtbpf_label in XTBPF_LABEL = { c, 0 }, out XTBPF_LABEL = { c, 0 };
	struct xtbpf_label above XTBPF_LABEL = { c, 0 };

	compare_half(e, at, p->wide.lo, &out, &above);
	compare_half(e, at + 8, p->wide.lo + 8, &out, NULL);
	xtbpf_label_here(&above);
	compare_half(e, at, p->wide.hi, &in, &out);
	compare_half(e, at + 8, p->wide.hi + 8, &in, &out);
	xtbpf_label_here(&in);
	if (p->invert) {
		xtbpf_op_jump(next);
		xtbpf_label_here(&out);
	} else {
		struct xtbpf_label hit XTBPF_LABEL = { c, 0 };

		xtbpf_op_jump(&hit);
		xtbpf_label_here(&out);
		xtbpf_op_jump(next);
	}
}

static void need(struct xtbpf_emit *e, const struct xtbpf_scope *scope, const struct xtbpf_pred *p,
		 struct xtbpf_label *next)
{
	xtbpf_op_load(e->code, 1, TMP, KEY, offsetof(struct xtbpf_key, have));
	xtbpf_op_jump_if(p->need.hotdrop ? scope->hotdrop : next, BPF_JLT, TMP, p->need.need);
}

static void first(struct xtbpf_emit *e, struct xtbpf_label *next)
{
	xtbpf_op_load(e->code, 1, TMP, KEY, offsetof(struct xtbpf_key, l4));
	xtbpf_op_jump_if(next, BPF_JSET, TMP, XTBPF_L4_FRAG);
}

/* Asks the runtime. */
static void call(struct xtbpf_emit *e, const struct xtbpf_scope *scope, const struct xtbpf_pred *p,
		 struct xtbpf_label *next)
{
	const struct xtbpf_callee *to = p->call.to;
	struct xtbpf_code *c = e->code;
	char name[64];

	snprintf(name, sizeof(name), "xtbpf_%s_%s", e->netfilter ? "nf" : "tc", to->name);

	unsigned int sym =
		xtbpf_code_extern(c, e->netfilter ? XTBPF_SIG_NF_CALL : XTBPF_SIG_TC_CALL, name);

	if (!c->err)
		c->sym[sym].type = to->type;
	xtbpf_emit_ctx(e, BPF_REG_1);
	xtbpf_op_mov(c, BPF_REG_2, KEY);
	xtbpf_op_data(c, BPF_REG_3, p->call.at, p->call.data, to->size);
	xtbpf_op_call(c, sym);
	xtbpf_op_jump_if(scope->hotdrop, BPF_JEQ, BPF_REG_0, XTBPF_CALL_HOTDROP);
	xtbpf_op_jump_if(next, p->invert ? BPF_JNE : BPF_JEQ, BPF_REG_0, 0);
}

static void tcp_option(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		       const struct xtbpf_pred *p, struct xtbpf_label *next)
{
	struct xtbpf_code *c = e->code;
	unsigned int at = offsetof(struct xtbpf_key, tcpopt) + (p->option >> 5) * 4u;

	guard(e, scope, (struct xtbpf_guard){ XTBPF_L4_BADOPT, 0 }, next);
	xtbpf_op_load(c, 4, TMP, KEY, (int16_t)at);
	xtbpf_op_alu_imm(c, BPF_AND, TMP, 1u << (p->option & 31));
	xtbpf_op_jump_if(next, p->invert ? BPF_JNE : BPF_JEQ, TMP, 0);
}

/* A comparison that leaves ACC alone, and nothing but a comparison. */
static bool plain(const struct xtbpf_pred *p)
{
	return p->kind == XTBPF_P_BITS || p->kind == XTBPF_P_RANGES || p->kind == XTBPF_P_WIDE ||
	       p->kind == XTBPF_P_FIRST;
}

static void one(struct xtbpf_emit *e, const struct xtbpf_scope *scope, const struct xtbpf_pred *p,
		struct xtbpf_label *next, bool *live)
{
	struct xtbpf_guard g;

	switch (p->kind) {
	case XTBPF_P_BITS:
		if (p->invert)
			inverted_bits(e, p, next);
		else
			difference(e, p, ACC, live);
		break;
	case XTBPF_P_RANGES:
		ranges(e, p, next);
		break;
	case XTBPF_P_L4:
	case XTBPF_P_PROTO6:
		xtbpf_guard_of(p, &g);
		guard(e, scope, g, next);
		break;
	case XTBPF_P_TCPOPT:
		tcp_option(e, scope, p, next);
		break;
	case XTBPF_P_WIDE:
		wide(e, p, next);
		break;
	case XTBPF_P_FIRST:
		first(e, next);
		break;
	case XTBPF_P_NEED:
		need(e, scope, p, next);
		break;
	case XTBPF_P_BADOPT:
		guard(e, scope, (struct xtbpf_guard){ XTBPF_L4_BADOPT, 0 }, next);
		break;
	case XTBPF_P_CALL:
		call(e, scope, p, next);
		break;
	}
}

static void preds_from(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		       const struct xtbpf_rule *rule, unsigned int from, struct xtbpf_label *next);

/*
 * The function behind predicate `at` may say that the rule holds and the packet is
 * dropped: if the rest of the rule holds as well, it counts.
 */
static void late_drop(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		      const struct xtbpf_rule *rule, unsigned int at)
{
	struct xtbpf_label other XTBPF_LABEL = { e->code, 0 };

	xtbpf_op_jump_if(&other, BPF_JNE, BPF_REG_0, XTBPF_CALL_TRUE_HOTDROP);
	preds_from(e, scope, rule, at + 1, scope->hotdrop);
	xtbpf_emit_verdict(e, rule, scope->drop);
}

static void preds_from(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		       const struct xtbpf_rule *rule, unsigned int from, struct xtbpf_label *next)
{
	bool live = false;

	for (unsigned int i = from; i < rule->npreds; i++) {
		const struct xtbpf_pred *p = &rule->preds[i];

		/* May drop the packet, or does more than look: only if all before it hold. */
		if (live && !plain(p)) {
			xtbpf_op_jump_if(next, BPF_JNE, ACC, 0);
			live = false;
		}
		if (e->early && xtbpf_early_blind(p)) {
			xtbpf_op_jump(scope->unknown);
			return;
		}
		one(e, scope, p, next, &live);
		if (p->kind == XTBPF_P_CALL && p->call.to->late_drop)
			late_drop(e, scope, rule, i);
	}
	if (live)
		xtbpf_op_jump_if(next, BPF_JNE, ACC, 0);
}

unsigned int xtbpf_emit_preds(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
			      const struct xtbpf_rule *rule, struct xtbpf_label *next)
{
	unsigned int guarded = 0;

	if (xtbpf_fold_preds(e, scope->fold, rule, next, &guarded))
		return guarded;
	preds_from(e, scope, rule, 0, next);
	return 0;
}

unsigned int xtbpf_preds_cost(const struct xtbpf_rule *rule)
{
	unsigned int cost = 1;
	bool twice = false;

	for (unsigned int i = 0; i < rule->npreds; i++) {
		const struct xtbpf_pred *p = &rule->preds[i];

		switch (p->kind) {
		case XTBPF_P_BITS:
			for (unsigned int at = 0; at < sizeof(p->bits.mask); at += 4)
				if (xtbpf_piece(p->bits.mask, at, 4) ||
				    xtbpf_piece(p->bits.value, at, 4))
					cost += 4;
			cost += 3 * p->invert;
			break;
		case XTBPF_P_RANGES:
			cost += 7 * p->ranges.n + 3;
			break;
		case XTBPF_P_WIDE:
			cost += 26;
			break;
		case XTBPF_P_L4:
		case XTBPF_P_PROTO6:
		case XTBPF_P_FIRST:
		case XTBPF_P_NEED:
		case XTBPF_P_BADOPT:
			cost += 4;
			break;
		case XTBPF_P_TCPOPT:
			cost += 6;
			break;
		case XTBPF_P_CALL:
			cost += 8;
			if (p->call.to->late_drop)
				twice = true;
			break;
		}
	}
	if (twice) /* see late_drop */
		cost = 2 * cost + 4;
	return cost;
}
