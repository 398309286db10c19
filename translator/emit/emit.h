/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file emit.h
 * What the files of emit/ share. Registers in generated chains: r6 the key, r0
 * the entry to count before a verdict, r7 to r9 guards (fold.c), r0 to r5 scratch
 * of predicates. On their stack: the number of a counter, and the hook's context (only
 * in tables that have an XTBPF_P_CALL, and never in early drop).
 */
#ifndef XTBPF_EMIT_H
#define XTBPF_EMIT_H

#include "../ruleset.h"
#include "code.h"

/* An early or ordinary key, rounded for the stack. */
#define XTBPF_STACK_KEY 176
#define XTBPF_STACK_EARLY 240

/* Of a chunk (part of a long chain), beside XTBPF_R_*: a rule in it said RETURN. */
#define XTBPF_R_RETURN 4

/* The longest function we emit; jumps reach 32767. A chunk may overshoot by one rule. */
#define XTBPF_FUNC_MAX 28000
#define XTBPF_CHUNK_INSNS 24000
#define XTBPF_CHUNK_RULES 2500

/**
 * struct xtbpf_field_def - where a field is in struct xtbpf_key
 * @big_endian: network order, to be turned for XTBPF_P_RANGES
 * @parse: what the parser must be asked for (XTBPF_PARSE_*)
 */
struct xtbpf_field_def {
	uint8_t offset;
	uint8_t width;
	bool big_endian;
	uint8_t parse;
};
struct xtbpf_field_def xtbpf_field(enum xtbpf_field field, enum xtbpf_family family);

/**
 * struct xtbpf_chain_layout - how one chain becomes code
 * @cost: instructions of its rules, estimated from above, inlined chains included
 * @height: functions it nests, itself included
 * @frame: deepest call frame its rules run in, the entry program being 1
 * @reached: from one of the built-in chains asked for
 * @inlined: emitted inside its callers
 * @chunked: its rules are in functions of their own
 */
struct xtbpf_chain_layout {
	unsigned int cost;
	unsigned int height;
	unsigned int frame;
	unsigned int sym;
	bool reached, inlined, chunked;
};

/* The layout of a table: chain[i] for rs->chains[i], order: reached chains, callers first. */
struct xtbpf_layout {
	struct xtbpf_chain_layout *chain;
	unsigned int *order;
	unsigned int norder;
};
int xtbpf_layout_make(const struct xtbpf_ruleset *rs, uint32_t hooks, struct xtbpf_layout *out,
		      struct xtbpf_reason *why);
void xtbpf_layout_release(struct xtbpf_layout *l);

/* Kinds of guards that get a register, and rules from which on a function is worth it. */
#define XTBPF_GUARDS 3
#define XTBPF_FOLD_RULES 32
#define XTBPF_FOLD 0x80000000u /* in scope->fold: this function folds */

/** struct xtbpf_guard - bits of key.l4: some of drop: hotdrop; else some of miss: no match */
struct xtbpf_guard {
	uint8_t drop, miss;
};

/**
 * struct xtbpf_ends - accept and drop by the guards that the rule had (a mask): the packet
 * may be one to hotdrop
 */
struct xtbpf_ends {
	struct xtbpf_label accept[1 << XTBPF_GUARDS], drop[1 << XTBPF_GUARDS];
};

/**
 * struct xtbpf_scope - where verdicts lead in the function being emitted
 * @accept, @drop: entry in r0, to be counted
 * @ret: to the caller's next rule or the policy, counted already
 * @out: r0 is what the function returns
 * @unknown: early drop cannot tell
 * @hotdrop: dropped without a count
 * @ends: accept and drop of rules that left their guards to the action
 * @fold: what xtbpf_fold_begin returned
 */
struct xtbpf_scope {
	struct xtbpf_label *accept, *drop, *ret, *out, *unknown, *hotdrop;
	struct xtbpf_ends *ends;
	unsigned int fold;
};

/** struct xtbpf_emit - one table being emitted */
struct xtbpf_emit {
	struct xtbpf_code *code;
	const struct xtbpf_ruleset *rs;
	const struct xtbpf_layout *layout;
	unsigned int counters; /* symbol of the table's counter map */
	bool early;	       /* no counting but a trail */
	bool ctx;	       /* chains take the hook's context, too: XTBPF_P_CALL */
	bool netfilter;	       /* which runtime functions XTBPF_P_CALL calls */
	struct xtbpf_guard guard[XTBPF_GUARDS];
	unsigned int nguards;
};

/** The functions of all reached chains that are not inlined; fills layout->chain[].sym. */
void xtbpf_emit_chains(struct xtbpf_emit *e);
/** What a rule does once its predicates hold; guards: what xtbpf_emit_preds returned. */
void xtbpf_emit_action(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		       const struct xtbpf_rule *rule, unsigned int guards);
/** The rule's verdict: its entry into r7, and to scope->accept or drop. */
void xtbpf_emit_verdict(struct xtbpf_emit *e, const struct xtbpf_rule *rule,
			struct xtbpf_label *tail);
/** Add packet and bytes of the key in r6 to the counter whose number is at r10 - 4. */
void xtbpf_emit_count(struct xtbpf_emit *e);
/**
 * Jump to next unless the rule's predicates hold; a hotdrop leaves with XTBPF_R_DROP.
 * Returns the guards (a mask of e->guard) that may yet say hotdrop: the action asks them.
 */
unsigned int xtbpf_emit_preds(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
			      const struct xtbpf_rule *rule, struct xtbpf_label *next);
/** Instructions xtbpf_emit_preds needs at most. */
unsigned int xtbpf_preds_cost(const struct xtbpf_rule *rule);
/** Is p a guard that only looks at key.l4? Fills *out if so. */
bool xtbpf_guard_of(const struct xtbpf_pred *p, struct xtbpf_guard *out);
/* A field is compared in pieces of at most four bytes. */
unsigned int xtbpf_piece_width(unsigned int width);
uint32_t xtbpf_piece(const uint8_t *bytes, unsigned int at, unsigned int width);
uint32_t xtbpf_full_mask(unsigned int width);

/* fold.c */
/** The kinds of guards of e->rs. */
void xtbpf_fold_find(struct xtbpf_emit *e);
/** At the start of a function: compute the guards its rules have. For scope->fold. */
unsigned int xtbpf_fold_begin(struct xtbpf_emit *e, const struct xtbpf_rule *rules, unsigned int n);
/** As xtbpf_emit_preds, in one branch; false: not to be had, nothing was emitted. */
bool xtbpf_fold_preds(struct xtbpf_emit *e, unsigned int fold, const struct xtbpf_rule *rule,
		      struct xtbpf_label *next, unsigned int *guards);
/** To hotdrop, if one of the guards says so. */
void xtbpf_fold_hotdrop(struct xtbpf_emit *e, unsigned int guards, struct xtbpf_label *hotdrop);

/** Instructions xtbpf_emit_action needs at most, inlined chains aside. */
unsigned int xtbpf_action_cost(const struct xtbpf_rule *rule);
/** What the parser must fill for these rules: XTBPF_PARSE_*. */
uint32_t xtbpf_wants(const struct xtbpf_ruleset *rs);
/** Can early drop not tell whether this holds? */
bool xtbpf_early_blind(const struct xtbpf_pred *p);
/** Has any rule an XTBPF_P_CALL? */
bool xtbpf_any_call(const struct xtbpf_ruleset *rs);
/** reg = the hook's context. */
void xtbpf_emit_ctx(struct xtbpf_emit *e, uint8_t reg);

/** Fill why; returns err (negative errno). chain and rule may be NULL. */
int xtbpf_emit_refuse(struct xtbpf_reason *why, int err, const struct xtbpf_ruleset *rs,
		      const struct xtbpf_chain *chain, const struct xtbpf_rule *rule,
		      const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/** The ELF bytes of finished code; malloc'ed. */
int xtbpf_object_write(struct xtbpf_code *code, void **elf, size_t *size);

#endif
