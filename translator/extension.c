// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The registry: one row an extension, name, revision and family. Lookup is
 * xt_find_match, xt_find_target and xt_find_revision of
 * net/netfilter/x_tables.c: the family's list, then the list of all families.
 */
#include "extension.h"
#include "known.h"

#include <errno.h>
#include <string.h>

/* One declaration an extension, defined in match/NAME.c and target/NAME.c. */
extern const struct xtbpf_match_ops xtbpf_match_bpf0, xtbpf_match_bpf1;
extern const struct xtbpf_match_ops xtbpf_match_ah6;
extern const struct xtbpf_match_ops xtbpf_match_comment;
extern const struct xtbpf_match_ops xtbpf_match_eui64;
extern const struct xtbpf_match_ops xtbpf_match_frag;
extern const struct xtbpf_match_ops xtbpf_match_hbh, xtbpf_match_dst;
extern const struct xtbpf_match_ops xtbpf_match_icmp;
extern const struct xtbpf_match_ops xtbpf_match_icmp6;
extern const struct xtbpf_match_ops xtbpf_match_ipv6header;
extern const struct xtbpf_match_ops xtbpf_match_l2tp4, xtbpf_match_l2tp6;
extern const struct xtbpf_match_ops xtbpf_match_mh;
extern const struct xtbpf_match_ops xtbpf_match_multiport4, xtbpf_match_multiport6;
extern const struct xtbpf_match_ops xtbpf_match_sctp4, xtbpf_match_sctp6;
extern const struct xtbpf_match_ops xtbpf_match_statistic;
extern const struct xtbpf_match_ops xtbpf_match_string;
extern const struct xtbpf_match_ops xtbpf_match_rt;
extern const struct xtbpf_match_ops xtbpf_match_srh, xtbpf_match_srh1;
extern const struct xtbpf_match_ops xtbpf_match_tcp4, xtbpf_match_tcp6;
extern const struct xtbpf_match_ops xtbpf_match_time;
extern const struct xtbpf_match_ops xtbpf_match_u32;
extern const struct xtbpf_match_ops xtbpf_match_udp4, xtbpf_match_udp6;
extern const struct xtbpf_match_ops xtbpf_match_udplite4, xtbpf_match_udplite6;
extern const struct xtbpf_match_ops xtbpf_match_ah4;
extern const struct xtbpf_match_ops xtbpf_match_cpu;
extern const struct xtbpf_match_ops xtbpf_match_devgroup;
extern const struct xtbpf_match_ops xtbpf_match_dscp4, xtbpf_match_dscp6;
extern const struct xtbpf_match_ops xtbpf_match_ecn4, xtbpf_match_ecn6;
extern const struct xtbpf_match_ops xtbpf_match_esp4, xtbpf_match_esp6;
extern const struct xtbpf_match_ops xtbpf_match_hl;
extern const struct xtbpf_match_ops xtbpf_match_ipcomp4, xtbpf_match_ipcomp6;
extern const struct xtbpf_match_ops xtbpf_match_iprange4, xtbpf_match_iprange6;
extern const struct xtbpf_match_ops xtbpf_match_length4, xtbpf_match_length6;
extern const struct xtbpf_match_ops xtbpf_match_mac4, xtbpf_match_mac6;
extern const struct xtbpf_match_ops xtbpf_match_pkttype;
extern const struct xtbpf_match_ops xtbpf_match_tcpmss4, xtbpf_match_tcpmss6;
extern const struct xtbpf_match_ops xtbpf_match_tos4, xtbpf_match_tos6;
extern const struct xtbpf_match_ops xtbpf_match_ttl;
extern const struct xtbpf_target_ops xtbpf_target_standard4, xtbpf_target_standard6;
extern const struct xtbpf_target_ops xtbpf_target_error4, xtbpf_target_error6;

static const struct xtbpf_match_ops *const matches[] = {
	&xtbpf_match_bpf0,	 &xtbpf_match_bpf1,	 &xtbpf_match_sctp4,
	&xtbpf_match_sctp6,	 &xtbpf_match_statistic, &xtbpf_match_string,
	&xtbpf_match_time,	 &xtbpf_match_u32,	 &xtbpf_match_comment,
	&xtbpf_match_icmp,	 &xtbpf_match_icmp6,	 &xtbpf_match_multiport4,
	&xtbpf_match_multiport6, &xtbpf_match_tcp4,	 &xtbpf_match_tcp6,
	&xtbpf_match_udp4,	 &xtbpf_match_udp6,	 &xtbpf_match_udplite4,
	&xtbpf_match_udplite6,	 &xtbpf_match_ah6,	 &xtbpf_match_eui64,
	&xtbpf_match_frag,	 &xtbpf_match_hbh,	 &xtbpf_match_dst,
	&xtbpf_match_ipv6header, &xtbpf_match_l2tp4,	 &xtbpf_match_l2tp6,
	&xtbpf_match_mh,	 &xtbpf_match_rt,	 &xtbpf_match_srh,
	&xtbpf_match_srh1,	 &xtbpf_match_ah4,	 &xtbpf_match_cpu,
	&xtbpf_match_devgroup,	 &xtbpf_match_dscp4,	 &xtbpf_match_dscp6,
	&xtbpf_match_ecn4,	 &xtbpf_match_ecn6,	 &xtbpf_match_esp4,
	&xtbpf_match_esp6,	 &xtbpf_match_hl,	 &xtbpf_match_ipcomp4,
	&xtbpf_match_ipcomp6,	 &xtbpf_match_iprange4,	 &xtbpf_match_iprange6,
	&xtbpf_match_length4,	 &xtbpf_match_length6,	 &xtbpf_match_mac4,
	&xtbpf_match_mac6,	 &xtbpf_match_pkttype,	 &xtbpf_match_tcpmss4,
	&xtbpf_match_tcpmss6,	 &xtbpf_match_tos4,	 &xtbpf_match_tos6,
	&xtbpf_match_ttl,
};

static const struct xtbpf_target_ops *const targets[] = {
	&xtbpf_target_standard4,
	&xtbpf_target_standard6,
	&xtbpf_target_error4,
	&xtbpf_target_error6,
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What a search met: the name in the family's list, the name in the list of all families. */
struct found {
	bool in_family, in_unspec;
};

/* Is this row one of name in a list that family searches? */
static bool candidate(enum xtbpf_family family, const char *name, const char *row,
		      enum xtbpf_ext_family row_family, struct found *f)
{
	if (strcmp(row, name) != 0)
		return false;
	if (row_family == XTBPF_EXT_UNSPEC)
		return f->in_unspec = true;
	if ((row_family == XTBPF_EXT_IPV6) == (family == XTBPF_IPV6))
		return f->in_family = true;
	return false;
}

static int not_found(const struct found *f)
{
	return f->in_unspec ? -EPROTOTYPE : -ENOENT;
}

static const struct xtbpf_match_ops *match_row(enum xtbpf_family family, const char *name,
					       uint8_t revision, struct found *f)
{
	const struct xtbpf_match_ops *hit = NULL;
	size_t i;

	for (i = 0; i < COUNT(matches); i++)
		if (candidate(family, name, matches[i]->name, matches[i]->family, f) &&
		    matches[i]->revision == revision)
			hit = matches[i];
	return hit;
}

static const struct xtbpf_target_ops *target_row(enum xtbpf_family family, const char *name,
						 uint8_t revision, struct found *f)
{
	const struct xtbpf_target_ops *hit = NULL;
	size_t i;

	for (i = 0; i < COUNT(targets); i++)
		if (candidate(family, name, targets[i]->name, targets[i]->family, f) &&
		    targets[i]->revision == revision)
			hit = targets[i];
	return hit;
}

int xtbpf_match_find(enum xtbpf_family family, const char *name, uint8_t revision,
		     const struct xtbpf_match_ops **out)
{
	struct found f = { false, false };
	const struct xtbpf_match_ops *ops = match_row(family, name, revision, &f);

	if (!ops)
		return not_found(&f);
	*out = ops;
	return 0;
}

int xtbpf_target_find(enum xtbpf_family family, const char *name, uint8_t revision,
		      const struct xtbpf_target_ops **out)
{
	struct found f = { false, false };
	const struct xtbpf_target_ops *ops = target_row(family, name, revision, &f);

	if (!ops)
		return not_found(&f);
	*out = ops;
	return 0;
}

int xtbpf_revision(enum xtbpf_family family, bool target, const char *name, uint8_t revision)
{
	struct found f = { false, false };

	if (target ? target_row(family, name, revision, &f) != NULL
		   : match_row(family, name, revision, &f) != NULL)
		return 0;
	if (f.in_family || f.in_unspec)
		return -EPROTONOSUPPORT;
	switch (xtbpf_known(family, target, name, revision)) {
	case XTBPF_KNOWN:
		return 0;
	case XTBPF_KNOWN_OTHER:
	case XTBPF_KNOWN_OTHER_UNSPEC:
		return -EPROTONOSUPPORT;
	case XTBPF_KNOWN_NOT:
		break;
	}
	return -ENOENT;
}
