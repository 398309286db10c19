/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file emit.h
 * What the files of emit/ share. Registers in generated chains: r6 the key, r7
 * the entry to count before a verdict, r1 to r3 scratch of predicates.
 */
#ifndef XTBPF_EMIT_H
#define XTBPF_EMIT_H

#include "../ruleset.h"
#include "code.h"

/* An early or ordinary key, rounded for the stack. */
#define XTBPF_STACK_KEY 112
#define XTBPF_STACK_EARLY 176

/* Of a chunk (part of a long chain), beside XTBPF_R_*: a rule in it said RETURN. */
#define XTBPF_R_RETURN 4

/* The longest function we emit; jumps reach 32767. A chunk may overshoot by one rule. */
#define XTBPF_FUNC_MAX 28000
#define XTBPF_CHUNK_INSNS 12000
#define XTBPF_CHUNK_RULES 1000

/** struct xtbpf_field_def - where a field is in struct xtbpf_key */
struct xtbpf_field_def {
	uint8_t offset;
	uint8_t width;
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

/**
 * struct xtbpf_scope - where verdicts lead in the function being emitted
 * @accept, @drop: entry in r7, to be counted
 * @ret: to the caller's next rule or the policy, counted already
 * @out: r0 is what the function returns
 * @unknown: early drop cannot tell
 * @hotdrop: dropped without a count
 */
struct xtbpf_scope {
	struct xtbpf_label *accept, *drop, *ret, *out, *unknown, *hotdrop;
};

/** struct xtbpf_emit - one table being emitted */
struct xtbpf_emit {
	struct xtbpf_code *code;
	const struct xtbpf_ruleset *rs;
	const struct xtbpf_layout *layout;
	unsigned int counters; /* symbol of the table's counter map */
	bool early;	       /* no counting but a trail */
};

/** The functions of all reached chains that are not inlined; fills layout->chain[].sym. */
void xtbpf_emit_chains(struct xtbpf_emit *e);
/** What a rule does once its predicates hold. */
void xtbpf_emit_action(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		       const struct xtbpf_rule *rule);
/** Add packet and bytes of the key in r6 to the counter whose number is at r10 - 4. */
void xtbpf_emit_count(struct xtbpf_emit *e);
/** Jump to next unless the rule's predicates hold; a hotdrop leaves with XTBPF_R_DROP. */
void xtbpf_emit_preds(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		      const struct xtbpf_rule *rule, struct xtbpf_label *next);
/** Instructions xtbpf_emit_preds needs at most. */
unsigned int xtbpf_preds_cost(const struct xtbpf_rule *rule);
/** Does any rule look for TCP options? */
bool xtbpf_wants_options(const struct xtbpf_ruleset *rs);

/** Fill why; returns err (negative errno). chain and rule may be NULL. */
int xtbpf_emit_refuse(struct xtbpf_reason *why, int err, const struct xtbpf_ruleset *rs,
		      const struct xtbpf_chain *chain, const struct xtbpf_rule *rule,
		      const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/** The ELF bytes of finished code; malloc'ed. */
int xtbpf_object_write(struct xtbpf_code *code, void **elf, size_t *size);

#endif
