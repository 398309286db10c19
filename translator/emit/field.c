// SPDX-License-Identifier: LGPL-2.1-or-later
/* Fields of predicates in the packet key. */
#include "../bpf/key.h"
#include "emit.h"

#define AT(member) (uint8_t) offsetof(struct xtbpf_key, member)
#define HEAD(at) (uint8_t)(offsetof(struct xtbpf_key, head) + (at))

static const struct xtbpf_field_def fields[XTBPF_NFIELD] = {
	[XTBPF_F_SADDR] = { AT(saddr), 16, true, 0 },
	[XTBPF_F_DADDR] = { AT(daddr), 16, true, 0 },
	[XTBPF_F_IN] = { AT(in), 16, false, XTBPF_PARSE_DEVICES },
	[XTBPF_F_OUT] = { AT(out), 16, false, XTBPF_PARSE_DEVICES },
	[XTBPF_F_PROTO] = { AT(proto), 2, false, 0 },
	[XTBPF_F_FRAG] = { AT(frag), 1, false, 0 },
	[XTBPF_F_SPORT] = { AT(sport), 2, false, 0 },
	[XTBPF_F_DPORT] = { AT(dport), 2, false, 0 },
	[XTBPF_F_ICMP] = { AT(icmp), 2, false, 0 },
	[XTBPF_F_TCPFLAGS] = { AT(tcp_flags), 1, false, 0 },
	[XTBPF_F_IPLEN] = { AT(iplen), 4, false, XTBPF_PARSE_IP },
	[XTBPF_F_TOS] = { AT(tos), 1, false, XTBPF_PARSE_IP },
	[XTBPF_F_TTL] = { AT(ttl), 1, false, XTBPF_PARSE_IP },
	[XTBPF_F_HEAD] = { HEAD(0), 16, true, XTBPF_PARSE_HEAD },
	[XTBPF_F_HEAD0] = { HEAD(0), 4, true, XTBPF_PARSE_HEAD },
	[XTBPF_F_HEAD4] = { HEAD(4), 4, true, XTBPF_PARSE_HEAD },
	[XTBPF_F_HEAD8] = { HEAD(8), 1, false, XTBPF_PARSE_HEAD },
	[XTBPF_F_HEAD12] = { HEAD(12), 4, true, XTBPF_PARSE_HEAD },
	[XTBPF_F_HEAD16] = { HEAD(16), 4, true, XTBPF_PARSE_HEAD },
	[XTBPF_F_MSS] = { AT(mss), 4, false, XTBPF_PARSE_MSS | XTBPF_PARSE_HEAD },
	[XTBPF_F_MAC] = { AT(mac), 8, false, XTBPF_PARSE_LINK },
	[XTBPF_F_PKTTYPE] = { AT(pkttype), 1, false, XTBPF_PARSE_LINK },
	[XTBPF_F_CPU] = { AT(cpu), 4, false, XTBPF_PARSE_CPU },
	[XTBPF_F_IN_GROUP] = { AT(in_group), 4, false, XTBPF_PARSE_GROUP },
	[XTBPF_F_OUT_GROUP] = { AT(out_group), 4, false, XTBPF_PARSE_GROUP },
};

_Static_assert(sizeof(struct xtbpf_key) == XTBPF_STACK_KEY, "key");
_Static_assert(sizeof(struct xtbpf_early_key) == XTBPF_STACK_EARLY, "early key");

struct xtbpf_field_def xtbpf_field(enum xtbpf_field field, enum xtbpf_family family)
{
	struct xtbpf_field_def def = fields[field];

	if (family == XTBPF_IPV4 && (field == XTBPF_F_SADDR || field == XTBPF_F_DADDR))
		def.width = 4;
	return def;
}

static uint32_t pred_wants(const struct xtbpf_pred *p)
{
	switch (p->kind) {
	case XTBPF_P_BITS:
		return fields[p->bits.field].parse;
	case XTBPF_P_RANGES:
		return p->ranges.n ? fields[p->ranges.range[0].field].parse : 0;
	case XTBPF_P_WIDE:
		return fields[p->wide.field].parse;
	case XTBPF_P_TCPOPT:
		return XTBPF_PARSE_OPTIONS;
	case XTBPF_P_BADOPT:
		return XTBPF_PARSE_MSS | XTBPF_PARSE_HEAD;
	case XTBPF_P_NEED:
	case XTBPF_P_CALL:
		return XTBPF_PARSE_HEAD;
	case XTBPF_P_L4:
	case XTBPF_P_FIRST:
	case XTBPF_P_PROTO6:
		break;
	}
	return 0;
}

uint32_t xtbpf_wants(const struct xtbpf_ruleset *rs)
{
	uint32_t flags = 0;

	for (unsigned int i = 0; i < rs->nrules; i++)
		for (unsigned int j = 0; j < rs->rules[i].npreds; j++)
			flags |= pred_wants(&rs->rules[i].preds[j]);
	return flags;
}

bool xtbpf_early_blind(const struct xtbpf_pred *p)
{
	return p->kind == XTBPF_P_CALL || pred_wants(p) & (XTBPF_PARSE_CPU | XTBPF_PARSE_GROUP);
}

static bool calls(const struct xtbpf_rule *rule)
{
	for (unsigned int i = 0; i < rule->npreds; i++)
		if (rule->preds[i].kind == XTBPF_P_CALL)
			return true;
	return false;
}

bool xtbpf_any_call(const struct xtbpf_ruleset *rs)
{
	for (unsigned int i = 0; i < rs->nrules; i++)
		if (calls(&rs->rules[i]))
			return true;
	return false;
}
