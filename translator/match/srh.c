// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m srh: net/ipv6/netfilter/ip6t_srh.c; revision 1 adds addresses to revision 0's fields */
#include "../extension.h"
#include "../header.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv6/ip6t_srh.h>
#include <string.h>

#define SR_HEADER 8
#define SR_TYPE 4

/* What both revisions look at. */
struct fields {
	uint8_t next_hdr, hdr_len, segs_left, last_entry;
	uint16_t tag, flags, inv;
};

static struct fields fields0(const struct ip6t_srh *i)
{
	return (struct fields){ i->next_hdr, i->hdr_len,  i->segs_left,	 i->last_entry,
				i->tag,	     i->mt_flags, i->mt_invflags };
}

static struct fields fields1(const struct ip6t_srh1 *i)
{
	return (struct fields){ i->next_hdr, i->hdr_len,  i->segs_left,	 i->last_entry,
				i->tag,	     i->mt_flags, i->mt_invflags };
}

static int fields_check(const struct fields *f)
{
	return f->flags & ~IP6T_SRH_MASK || f->inv & ~IP6T_SRH_INV_MASK ? -EINVAL : 0;
}

static int srh_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	struct fields f = fields0(data);

	return fields_check(&f);
}

static int srh1_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	struct fields f = fields1(data);

	return fields_check(&f);
}

/* Is a criterion asked for and not met? The bits of flags and inversions are the same. */
static bool fails(const struct fields *f, uint16_t flag, bool met)
{
	return f->flags & flag && met == !!(f->inv & flag);
}

static bool fields_hold(const struct fields *f, const uint8_t *sr)
{
	uint16_t tag;

	memcpy(&tag, sr + 6, sizeof(tag)); /* the rule's, too, is in network order */
	return !fails(f, IP6T_SRH_NEXTHDR, sr[0] == f->next_hdr) &&
	       !fails(f, IP6T_SRH_LEN_EQ, sr[1] == f->hdr_len) &&
	       !fails(f, IP6T_SRH_LEN_GT, sr[1] > f->hdr_len) &&
	       !fails(f, IP6T_SRH_LEN_LT, sr[1] < f->hdr_len) &&
	       !fails(f, IP6T_SRH_SEGS_EQ, sr[3] == f->segs_left) &&
	       !fails(f, IP6T_SRH_SEGS_GT, sr[3] > f->segs_left) &&
	       !fails(f, IP6T_SRH_SEGS_LT, sr[3] < f->segs_left) &&
	       !fails(f, IP6T_SRH_LAST_EQ, sr[4] == f->last_entry) &&
	       !fails(f, IP6T_SRH_LAST_GT, sr[4] > f->last_entry) &&
	       !fails(f, IP6T_SRH_LAST_LT, sr[4] < f->last_entry) &&
	       !fails(f, IP6T_SRH_TAG, tag == f->tag);
}

/* The segment routing header whose plain fields are as wanted, at *at; NULL: no match. */
static const uint8_t *header(struct xtbpf_eval_pkt *p, const struct fields *f, uint32_t *at)
{
	const uint8_t *sr;
	uint16_t fragoff;

	if (xtbpf_header_find6(p, IPPROTO_ROUTING, at, &fragoff) < 0)
		return NULL;
	sr = xtbpf_eval_bytes(p, *at, SR_HEADER);
	if (!sr || !xtbpf_eval_bytes(p, *at, xtbpf_header_size6(IPPROTO_ROUTING, sr)))
		return NULL;
	return sr[2] == SR_TYPE && sr[3] <= sr[4] && fields_hold(f, sr) ? sr : NULL;
}

static bool srh_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	struct fields f = fields0(data);
	uint32_t at;

	return header(p, &f, &at) != NULL;
}

/* Is segment n there, and as the rule wants it? The header's own length is no limit. */
static bool segment_holds(const struct xtbpf_eval_pkt *p, uint32_t at, unsigned int n,
			  const struct in6_addr *want, const struct in6_addr *mask, bool invert)
{
	const uint8_t *segment = xtbpf_eval_bytes(p, at + SR_HEADER + n * 16, 16);
	bool differs = false;
	unsigned int i;

	if (!segment)
		return false;
	for (i = 0; i < 16; i++)
		differs = differs || (segment[i] ^ want->s6_addr[i]) & mask->s6_addr[i];
	return differs == invert;
}

static bool srh1_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct ip6t_srh1 *info = data;
	struct fields f = fields1(info);
	const uint8_t *sr;
	uint32_t at;

	sr = header(p, &f, &at);
	if (!sr)
		return false;
	if (f.flags & IP6T_SRH_PSID &&
	    (sr[3] == sr[4] || !segment_holds(p, at, sr[3] + 1u, &info->psid_addr, &info->psid_msk,
					      f.inv & IP6T_SRH_INV_PSID)))
		return false;
	if (f.flags & IP6T_SRH_NSID &&
	    (sr[3] == 0 || !segment_holds(p, at, sr[3] - 1u, &info->nsid_addr, &info->nsid_msk,
					  f.inv & IP6T_SRH_INV_NSID)))
		return false;
	return !(f.flags & IP6T_SRH_LSID) ||
	       segment_holds(p, at, 0, &info->lsid_addr, &info->lsid_msk,
			     f.inv & IP6T_SRH_INV_LSID);
}

static const struct xtbpf_callee callee = {
	.name = "srh",
	.nf = "ip6ext_nf",
	.tc = "ip6ext_tc",
	.type = "ip6t_srh1",
	.size = sizeof(struct ip6t_srh1),
	.evaluate = srh1_evaluate,
};

/* One function of the runtime does for both revisions. */
static int srh_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct ip6t_srh *i = data;
	struct ip6t_srh1 as1 = {
		.next_hdr = i->next_hdr,
		.hdr_len = i->hdr_len,
		.segs_left = i->segs_left,
		.last_entry = i->last_entry,
		.tag = i->tag,
		.mt_flags = i->mt_flags & ~(IP6T_SRH_PSID | IP6T_SRH_NSID | IP6T_SRH_LSID),
		.mt_invflags = i->mt_invflags,
	};

	return xtbpf_lower_call(low, &callee, &as1, false);
}

static int srh1_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return xtbpf_lower_call(low, &callee, data, false);
}

const struct xtbpf_match_ops xtbpf_match_srh = {
	.name = "srh",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct ip6t_srh)),
	.usersize = sizeof(struct ip6t_srh),
	.check = srh_check,
	.lower = srh_lower,
	.evaluate = srh_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_srh1 = {
	.name = "srh",
	.family = XTBPF_EXT_IPV6,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct ip6t_srh1)),
	.usersize = sizeof(struct ip6t_srh1),
	.check = srh1_check,
	.lower = srh1_lower,
	.evaluate = srh1_evaluate,
};
