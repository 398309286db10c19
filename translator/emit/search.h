/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file search.h
 * A chain's question is "the next rule that holds". Each way to answer it is
 * one of these; the emitter of chains asks for costs and takes the cheapest that applies.
 */
#ifndef XTBPF_SEARCH_H
#define XTBPF_SEARCH_H

#include "emit.h"

/**
 * struct xtbpf_search_ops
 * @cost: instructions for these rules, estimated from above, actions not included
 * @emit: code that runs xtbpf_emit_action for each rule that holds, in order,
 *        and falls out behind the last when none ends the traversal
 */
struct xtbpf_search_ops {
	const char *name;
	unsigned int (*cost)(const struct xtbpf_rule *rules, unsigned int n);
	void (*emit)(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
		     const struct xtbpf_chain *chain, const struct xtbpf_rule *rules,
		     unsigned int n);
};

/* Rule after rule, as ipt_do_table does. */
extern const struct xtbpf_search_ops xtbpf_search_straight;

#endif
