// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Straight code: one rule after the other. The branch of each rule is taken
 * when the rule does not hold: the other way round each rule would leave the
 * verifier a pending branch, and it keeps at most 8192.
 */
#include "search.h"

#include <stdio.h>
#include <xtbpf/table.h>

static unsigned int straight_cost(const struct xtbpf_rule *rules, unsigned int n)
{
	unsigned int cost = 0;

	for (unsigned int i = 0; i < n; i++)
		cost += xtbpf_preds_cost(&rules[i]);
	return cost;
}

static void straight_emit(struct xtbpf_emit *e, const struct xtbpf_scope *scope,
			  const struct xtbpf_chain *chain, const struct xtbpf_rule *rules,
			  unsigned int n)
{
	const char *table = xtbpf_table_def(e->rs->table)->name;

	for (unsigned int i = 0; i < n && !e->code->err; i++) {
		struct xtbpf_label next XTBPF_LABEL = { e->code, 0 };
		char text[96];

		snprintf(text, sizeof(text), "%s %s %u", table, chain->name, rules[i].number);
		xtbpf_code_line(e->code, text, rules[i].number);
		xtbpf_emit_action(e, scope, &rules[i],
				  xtbpf_emit_preds(e, scope, &rules[i], &next));
	}
}

const struct xtbpf_search_ops xtbpf_search_straight = {
	.name = "straight",
	.cost = straight_cost,
	.emit = straight_emit,
};
