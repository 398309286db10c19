// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Extensions that the kernel has and xtbpf does not serve yet. Their revisions
 * are answered as the kernel would, so that a client sends the rule it was asked
 * for and the refusal can name it; an unknown revision would make iptables fall
 * back to an older structure, or fail to parse the rule at all.
 * Read off kernel 6.18 by IPT_SO_GET_REVISION_*. Whoever adds an extension to
 * extension.c takes its row out here.
 */
#include "known.h"

#include <string.h>

/**
 * struct known
 * @revs4, @revs6: bit r: revision r is there for the family
 * @unspec: registered for all families in one list (xt_find_match's EPROTOTYPE)
 */
struct known {
	const char *name;
	uint8_t revs4, revs6;
	bool unspec;
};

static const struct known known_matches[] = {
	{ "addrtype", 0x03, 0x02, false }, { "cgroup", 0x07, 0x07, true },
	{ "cluster", 0x01, 0x01, false },  { "connbytes", 0x01, 0x01, true },
	{ "connlabel", 0x01, 0x01, true }, { "connlimit", 0x02, 0x02, false },
	{ "connmark", 0x02, 0x02, true },  { "conntrack", 0x0e, 0x0e, true },
	{ "dccp", 0x01, 0x01, false },	   { "hashlimit", 0x0e, 0x0e, false },
	{ "helper", 0x01, 0x01, true },	   { "limit", 0x01, 0x01, true },
	{ "mark", 0x02, 0x02, true },	   { "nfacct", 0x03, 0x03, true },
	{ "osf", 0x01, 0x00, false },	   { "owner", 0x02, 0x02, false },
	{ "physdev", 0x01, 0x01, false },  { "policy", 0x01, 0x01, false },
	{ "quota", 0x01, 0x01, true },	   { "rateest", 0x01, 0x01, true },
	{ "realm", 0x01, 0x00, false },	   { "recent", 0x03, 0x03, false },
	{ "rpfilter", 0x01, 0x01, false }, { "set", 0x1f, 0x1e, false },
	{ "socket", 0x0f, 0x0e, false },   { "state", 0x01, 0x01, true },
};

static const struct known known_targets[] = {
	{ "AUDIT", 0x01, 0x01, true },	      { "CHECKSUM", 0x01, 0x01, false },
	{ "CLASSIFY", 0x01, 0x01, false },    { "CONNMARK", 0x06, 0x06, false },
	{ "CONNSECMARK", 0x01, 0x01, false }, { "CT", 0x07, 0x07, false },
	{ "DNAT", 0x07, 0x06, true },	      { "DNPT", 0x00, 0x01, false },
	{ "DSCP", 0x01, 0x01, false },	      { "ECN", 0x01, 0x00, false },
	{ "HL", 0x00, 0x01, false },	      { "HMARK", 0x01, 0x01, false },
	{ "IDLETIMER", 0x03, 0x03, false },   { "LOG", 0x01, 0x01, false },
	{ "MARK", 0x04, 0x04, false },	      { "MASQUERADE", 0x01, 0x01, false },
	{ "NETMAP", 0x01, 0x01, false },      { "NFLOG", 0x01, 0x01, false },
	{ "NFQUEUE", 0x0f, 0x0f, true },      { "NOTRACK", 0x01, 0x01, false },
	{ "RATEEST", 0x01, 0x01, false },     { "REDIRECT", 0x01, 0x01, false },
	{ "REJECT", 0x01, 0x01, false },      { "SECMARK", 0x03, 0x03, false },
	{ "SET", 0x0f, 0x0e, false },	      { "SNAT", 0x07, 0x06, true },
	{ "SNPT", 0x00, 0x01, false },	      { "SYNPROXY", 0x01, 0x01, false },
	{ "TCPMSS", 0x01, 0x01, false },      { "TCPOPTSTRIP", 0x01, 0x01, false },
	{ "TEE", 0x02, 0x02, false },	      { "TOS", 0x02, 0x02, false },
	{ "TPROXY", 0x03, 0x02, false },      { "TRACE", 0x01, 0x01, false },
	{ "TTL", 0x01, 0x00, false },
};

static const struct known *find(bool target, const char *name)
{
	const struct known *row = target ? known_targets : known_matches;
	size_t n = target ? sizeof(known_targets) / sizeof(*row)
			  : sizeof(known_matches) / sizeof(*row);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(row[i].name, name))
			return &row[i];
	return NULL;
}

enum xtbpf_known xtbpf_known(enum xtbpf_family family, bool target, const char *name,
			     uint8_t revision)
{
	const struct known *k = find(target, name);
	uint8_t revs;

	if (!k)
		return XTBPF_KNOWN_NOT;
	revs = family == XTBPF_IPV4 ? k->revs4 : k->revs6;
	if (!revs)
		return XTBPF_KNOWN_NOT;
	if (revision < 8 && revs >> revision & 1)
		return XTBPF_KNOWN;
	return k->unspec ? XTBPF_KNOWN_OTHER_UNSPEC : XTBPF_KNOWN_OTHER;
}
