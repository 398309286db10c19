// SPDX-License-Identifier: LGPL-2.1-or-later
/* Fields of predicates in the packet key. */
#include "../bpf/key.h"
#include "emit.h"

#define AT(member) (uint8_t) offsetof(struct xtbpf_key, member)

static const struct xtbpf_field_def fields[XTBPF_NFIELD] = {
	[XTBPF_F_SADDR] = { AT(saddr), 16 }, [XTBPF_F_DADDR] = { AT(daddr), 16 },
	[XTBPF_F_IN] = { AT(in), 16 },	     [XTBPF_F_OUT] = { AT(out), 16 },
	[XTBPF_F_PROTO] = { AT(proto), 2 },  [XTBPF_F_FRAG] = { AT(frag), 1 },
	[XTBPF_F_SPORT] = { AT(sport), 2 },  [XTBPF_F_DPORT] = { AT(dport), 2 },
	[XTBPF_F_ICMP] = { AT(icmp), 2 },    [XTBPF_F_TCPFLAGS] = { AT(tcp_flags), 1 },
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
