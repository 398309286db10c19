// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Placement: where each built-in chain decides, and whether early drop pays.
 * All chains we lower only read the packet, so a netfilter link at the table's
 * own hook and priority sees exactly what ip_tables would.
 */
#include "emit/emit.h"

#include <errno.h>
#include <string.h>

#define ON_THE_WAY_IN (1u << XTBPF_PREROUTING | 1u << XTBPF_INPUT | 1u << XTBPF_FORWARD)

/* Has any chain a rule beside its policy or final RETURN, or a policy that drops? */
static bool has_rules(const struct xtbpf_ruleset *rs)
{
	for (unsigned int i = 0; i < rs->nchains; i++) {
		const struct xtbpf_chain *chain = &rs->chains[i];

		if (chain->nrules > 1)
			return true;
		if (chain->hook != XTBPF_NHOOK && chain->nrules &&
		    chain->rules[0].action == XTBPF_A_DROP)
			return true;
	}
	return false;
}

/* Can a chain on the way in drop? Rules that only a skipped chain holds count, too. */
static bool can_drop(const struct xtbpf_ruleset *rs)
{
	for (unsigned int i = 0; i < rs->nchains; i++) {
		const struct xtbpf_chain *chain = &rs->chains[i];
		uint32_t hooks = chain->hook == XTBPF_NHOOK ? chain->reach : 1u << chain->hook;

		if (!(hooks & ON_THE_WAY_IN))
			continue;
		for (unsigned int r = 0; r < chain->nrules; r++)
			if (chain->rules[r].action == XTBPF_A_DROP)
				return true;
	}
	return false;
}

static enum xtbpf_place tc_place(unsigned int hook)
{
	return 1u << hook & ON_THE_WAY_IN ? XTBPF_PLACE_TC_INGRESS : XTBPF_PLACE_TC_EGRESS;
}

/* Can a TC program tell whether the rule holds? */
static bool tc_can(const struct xtbpf_rule *rule)
{
	for (unsigned int i = 0; i < rule->npreds; i++) {
		const struct xtbpf_pred *p = &rule->preds[i];
		bool group = p->kind == XTBPF_P_BITS && (p->bits.field == XTBPF_F_IN_GROUP ||
							 p->bits.field == XTBPF_F_OUT_GROUP);

		if (group || (p->kind == XTBPF_P_CALL && !p->call.to->tc))
			return false;
	}
	return true;
}

/* One table without netfilter links. */
static int place_at_tc(const struct xtbpf_ruleset *rs, struct xtbpf_plan *plan,
		       struct xtbpf_reason *why)
{
	if (!has_rules(rs))
		return 0;
	if (rs->table != XTBPF_FILTER)
		return xtbpf_emit_refuse(why, -EOPNOTSUPP, rs, NULL, NULL,
					 "without netfilter links (kernel 6.4) only the filter "
					 "table can have rules");
	for (unsigned int i = 0; i < rs->nchains; i++)
		for (unsigned int r = 0; r < rs->chains[i].nrules; r++)
			if (!tc_can(&rs->chains[i].rules[r]))
				return xtbpf_emit_refuse(
					why, -EOPNOTSUPP, rs, &rs->chains[i],
					&rs->chains[i].rules[r],
					"a match of this rule needs netfilter links (kernel 6.4)");
	for (unsigned int h = 0; h < XTBPF_NHOOK; h++)
		if (rs->base[h] >= 0)
			plan->place[rs->table][h] = tc_place(h);
	plan->inexact[0] = "INPUT and FORWARD decide at TC ingress: fragments are not reassembled, "
			   "and the route is judged from addresses and routing tables";
	plan->inexact[1] = "OUTPUT decides at TC egress: fragments and GSO packets are counted as "
			   "sent, and a sender gets no error for what is dropped";
	plan->inexact[2] = "packets that never cross a device's TC hooks (bridged, "
			   "IPsec after decryption), and those of a VRF, are not seen";
	if (xtbpf_any_call(rs))
		plan->inexact[3] = "matches that look into a packet see TTL and header checksum as "
				   "they were before forwarding";
	return 0;
}

static int place_table(const struct xtbpf_ruleset *rs, bool netfilter, struct xtbpf_plan *plan,
		       struct xtbpf_reason *why)
{
	if (rs->table == XTBPF_NAT) {
		if (has_rules(rs))
			return xtbpf_emit_refuse(why, -EOPNOTSUPP, rs, NULL, NULL,
						 "rules in the nat table are not supported");
		return 0;
	}
	if (!netfilter)
		return place_at_tc(rs, plan, why);
	for (unsigned int h = 0; h < XTBPF_NHOOK; h++)
		if (rs->base[h] >= 0)
			plan->place[rs->table][h] = XTBPF_PLACE_NETFILTER;
	return 0;
}

int xtbpf_plan_make(enum xtbpf_family family,
		    const struct xtbpf_ruleset *const tables[XTBPF_NTABLE],
		    const struct xtbpf_env *env, struct xtbpf_plan *out, struct xtbpf_reason *why)
{
	struct xtbpf_plan plan = { .family = family };
	bool netfilter = env->attach == XTBPF_ATTACH_NETFILTER ||
			 (env->attach == XTBPF_ATTACH_AUTO && env->netfilter_links);

	if (env->attach == XTBPF_ATTACH_NETFILTER && !env->netfilter_links)
		return xtbpf_emit_refuse(why, -EOPNOTSUPP, NULL, NULL, NULL,
					 "this kernel has no netfilter links (6.4 and later)");
	for (unsigned int t = 0; t < XTBPF_NTABLE; t++) {
		int err = tables[t] ? place_table(tables[t], netfilter, &plan, why) : 0;

		if (err)
			return err;
		if (tables[t] && t != XTBPF_NAT && can_drop(tables[t]))
			plan.early = true;
	}
	/* At TC the deciding program is early enough itself. */
	if (env->early == XTBPF_EARLY_OFF || !netfilter)
		plan.early = false;
	*out = plan;
	return 0;
}
