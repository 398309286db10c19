/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file ip6ext.h
 * Matches that look into IPv6 extension headers, as XTBPF_P_CALL wants them. Whoever
 * includes it has a type packet_t and a function
 *	int load(packet_t pkt, __u32 at, void *to, __u32 n)
 * that reads n bytes from the IP header on (0: all there). Lengths are checked
 * against key->len before: at TC a frame may be longer than its datagram.
 */
#ifndef XTBPF_IP6EXT_H
#define XTBPF_IP6EXT_H

#include <linux/netfilter_ipv6/ip6t_ah.h>
#include <linux/netfilter_ipv6/ip6t_frag.h>
#include <linux/netfilter_ipv6/ip6t_ipv6header.h>
#include <linux/netfilter_ipv6/ip6t_opts.h>
#include <linux/netfilter_ipv6/ip6t_rt.h>
#include <linux/netfilter_ipv6/ip6t_srh.h>

#include "ext.h"
#include "key.h"

#define EXT_ESP 50
#define IP6_HEADER 40
#define NEXT_AT 6

#define NO 0
#define YES 1
#define HOTDROP 2

/**
 * struct ext_find - ipv6_find_hdr(skb, &at, target, &fragoff, NULL), net/ipv6/exthdrs_core.c,
 * for a target that is an extension header
 * @at: where the header called @next is
 * @len: of the datagram
 * @found: YES, NO (-ENOENT), HOTDROP (-EBADMSG)
 */
struct ext_find {
	packet_t pkt;
	__u32 at, len;
	__u16 fragoff;
	__u8 next, target, found;
};

static __always_inline int there(__u32 len, __u32 at, __u32 n)
{
	return at <= len && n <= len - at;
}

/* One header; 1: the search is over. */
static long find_step(__u32 index, struct ext_find *f)
{
	__u8 h[4] = {};

	f->found = NO;
	if (!is_ext(f->next) || f->next == EXT_NONE)
		return 1;
	f->found = HOTDROP;
	if (ext_wants4(f->next)) {
		if (!there(f->len, f->at, 4) || load(f->pkt, f->at, h, 4))
			return 1;
	} else if (!there(f->len, f->at, 2) || load(f->pkt, f->at, h, 2)) {
		return 1;
	}
	f->found = f->next == f->target;
	if (f->next == EXT_FRAGMENT) {
		f->fragoff = be16_at(h + 2) & ~7;
		if (f->fragoff)
			return 1;
	}
	if (f->found)
		return 1;
	f->at += ext_size(f->next, h[1]);
	f->next = h[0];
	return 0;
}

static __always_inline void find(struct ext_find *f, const struct xtbpf_key *key, __u8 target)
{
	f->at = IP6_HEADER;
	f->len = key->len;
	f->target = target;
	f->found = NO;
	if (!load(f->pkt, NEXT_AT, &f->next, 1) && is_ext(f->next))
		bpf_loop(MAX_EXT, find_step, f, 0);
}

static __always_inline int in_range(__u32 v, __u32 lo, __u32 hi, int invert)
{
	return (v >= lo && v <= hi) != !!invert;
}

/* net/ipv6/netfilter/ip6t_ah.c */
static __always_inline int ah_holds(struct ext_find *f, const struct xtbpf_key *key,
				    const struct ip6t_ah *info)
{
	struct {
		__u8 next, len;
		__u16 reserved;
		__u32 spi, seq;
	} h;

	find(f, key, EXT_AUTH);
	if (f->found != YES)
		return f->found;
	if (!there(f->len, f->at, sizeof(h)) || load(f->pkt, f->at, &h, sizeof(h)))
		return HOTDROP;

	__u32 size = ext_size(EXT_AUTH, h.len);

	if (!there(f->len, f->at, size))
		return HOTDROP;
	if (!in_range(bpf_ntohl(h.spi), info->spis[0], info->spis[1],
		      info->invflags & IP6T_AH_INV_SPI))
		return NO;
	if (info->hdrlen && (info->hdrlen == size) == !!(info->invflags & IP6T_AH_INV_LEN))
		return NO;
	return !(info->hdrres && h.reserved);
}

/* net/ipv6/netfilter/ip6t_frag.c */
static __always_inline int frag_holds(struct ext_find *f, const struct xtbpf_key *key,
				      const struct ip6t_frag *info)
{
	struct {
		__u8 next, reserved, offset, bits;
		__u32 id;
	} h;

	find(f, key, EXT_FRAGMENT);
	if (f->found != YES)
		return f->found;
	if (!there(f->len, f->at, sizeof(h)) || load(f->pkt, f->at, &h, sizeof(h)))
		return HOTDROP;
	if (!in_range(bpf_ntohl(h.id), info->ids[0], info->ids[1],
		      info->invflags & IP6T_FRAG_INV_IDS))
		return NO;
	if (info->flags & IP6T_FRAG_RES && (h.reserved || h.bits & 6))
		return NO;
	if (info->flags & IP6T_FRAG_FST && f->fragoff)
		return NO;
	if (info->flags & IP6T_FRAG_MF && !(h.bits & 1))
		return NO;
	return !(info->flags & IP6T_FRAG_NMF && h.bits & 1);
}

/**
 * struct opts_walk - a rule's options against a header's
 * @at, @left: where the next one is, and bytes from there to the header's end
 */
struct opts_walk {
	packet_t pkt;
	const struct ip6t_opts *info;
	__u32 at, left;
	__u8 miss;
};

/* Option i; 1: the last one, or a mismatch. Only the last asked for may be cut short. */
static long opts_step(__u32 i, struct opts_walk *w)
{
	__u16 want = w->info->opts[i & (IP6T_OPTS_OPTSNR - 1)];
	__u32 size = 1;
	__u8 o[2] = {};

	w->miss = 1;
	if (w->left < 1 || load(w->pkt, w->at, o, 1) || o[0] != want >> 8)
		return 1;
	if (o[0]) {
		if (w->left < 2 || load(w->pkt, w->at, o, 2))
			return 1;
		if ((want & 0xff) != 0xff && (want & 0xff) != o[1])
			return 1;
		size = o[1] + 2u;
	}
	if (w->left < size) {
		w->miss = i + 1u < w->info->optsnr;
		return 1;
	}
	w->miss = 0;
	w->at += size;
	w->left -= size;
	return 0;
}

/* net/ipv6/netfilter/ip6t_hbh.c: the options from `at` on are the rule's, in their order. */
static __always_inline int options_hold(const struct ext_find *f, const struct ip6t_opts *info,
					__u32 at, __u32 left)
{
	struct opts_walk w = { .pkt = f->pkt, .info = info, .at = at, .left = left };

	if (info->optsnr)
		bpf_loop(info->optsnr, opts_step, &w, 0);
	return !w.miss;
}

static __always_inline int opts_hold(struct ext_find *f, const struct xtbpf_key *key,
				     const struct ip6t_opts *info, __u8 type)
{
	__u8 h[2];
	__u32 size;

	find(f, key, type);
	if (f->found != YES)
		return f->found;
	if (load(f->pkt, f->at, h, sizeof(h)))
		return HOTDROP;
	size = ext_size(type, h[1]);
	if (!there(f->len, f->at, size))
		return HOTDROP;
	if (info->flags & IP6T_OPTS_LEN &&
	    (info->hdrlen == size) == !!(info->invflags & IP6T_OPTS_INV_LEN))
		return NO;
	return !(info->flags & IP6T_OPTS_OPTS) || options_hold(f, info, f->at + 2, size - 2);
}

/* The set of headers as net/ipv6/netfilter/ip6t_ipv6header.c collects it. */
struct ext_set {
	packet_t pkt;
	__u32 at, len;
	__u8 next, set, cut;
};

static __always_inline __u8 ext_bit(__u8 next)
{
	switch (next) {
	case EXT_HOP:
		return MASK_HOPOPTS;
	case EXT_ROUTING:
		return MASK_ROUTING;
	case EXT_FRAGMENT:
		return MASK_FRAGMENT;
	case EXT_ESP:
		return MASK_ESP;
	case EXT_AUTH:
		return MASK_AH;
	case EXT_NONE:
		return MASK_NONE;
	case EXT_DEST:
		return MASK_DSTOPTS;
	}
	return 0;
}

static long set_step(__u32 index, struct ext_set *s)
{
	__u8 bit = ext_bit(s->next);
	__u8 h[2];

	if (!bit)
		return 1;
	if (s->next == EXT_NONE) {
		s->set |= bit;
		return 1;
	}
	if (!there(s->len, s->at, sizeof(h)) || load(s->pkt, s->at, h, sizeof(h))) {
		s->cut = 1;
		return 1;
	}
	s->set |= bit;
	if (s->next == EXT_ESP)
		return 1;
	s->at += ext_size(s->next, h[1]);
	s->next = h[0];
	return s->at > s->len;
}

static __always_inline int header_holds(struct ext_set *s, const struct xtbpf_key *key,
					const struct ip6t_ipv6header_info *info)
{
	s->at = IP6_HEADER;
	s->len = key->len;
	if (load(s->pkt, NEXT_AT, &s->next, 1))
		return NO;
	bpf_loop(MAX_EXT, set_step, s, 0);
	if (s->cut)
		return NO;
	if (s->next != EXT_NONE && s->next != EXT_ESP)
		s->set |= MASK_PROTO;
	if (info->modeflag)
		return !((s->set ^ info->matchflags ^ info->invflags) & info->matchflags);
	return (s->set == info->matchflags) == !info->invflags;
}

/**
 * struct rt_walk - addresses of a routing header on the way to a rule's
 * @at: the next address; @i: the rule's that it is compared with
 */
struct rt_walk {
	packet_t pkt;
	const struct ip6t_rt *info;
	__u32 at, i;
	__u8 strict, differs;
};

static long rt_step(__u32 index, struct rt_walk *w)
{
	const struct in6_addr *want = &w->info->addrs[w->i & (IP6T_RT_HOPS - 1)];
	__u32 a[4];

	if (load(w->pkt, w->at, a, sizeof(a)))
		return 1;
	w->at += sizeof(a);
	if ((a[0] ^ want->s6_addr32[0]) | (a[1] ^ want->s6_addr32[1]) |
	    (a[2] ^ want->s6_addr32[2]) | (a[3] ^ want->s6_addr32[3]))
		w->differs = 1;
	else
		w->i++;
	return w->i == w->info->addrnr || (w->strict && w->differs);
}

/* net/ipv6/netfilter/ip6t_rt.c */
static __always_inline int addresses_hold(const struct ext_find *f, const struct ip6t_rt *info,
					  __u32 size)
{
	struct rt_walk w = { .pkt = f->pkt,
			     .info = info,
			     .at = f->at + 8,
			     .strict = !(info->flags & IP6T_RT_FST_NSTRICT) };
	__u32 n = (size - 8) / 16;

	if (info->addrnr > n)
		return NO;
	if (w.strict) {
		if (info->addrnr != n)
			return NO;
		if (n)
			bpf_loop(n, rt_step, &w, 0);
		return w.i == n;
	}
	if (n)
		bpf_loop(info->addrnr ? n : 1, rt_step, &w, 0);
	return w.i == info->addrnr;
}

static __always_inline int rt_holds(struct ext_find *f, const struct xtbpf_key *key,
				    const struct ip6t_rt *info)
{
	__u8 inv = info->invflags;
	__u32 size, reserved;
	__u8 h[4];

	find(f, key, EXT_ROUTING);
	if (f->found != YES)
		return f->found;
	if (load(f->pkt, f->at, h, sizeof(h)))
		return HOTDROP;
	size = ext_size(EXT_ROUTING, h[1]);
	if (!there(f->len, f->at, size))
		return HOTDROP;
	if (!in_range(h[3], info->segsleft[0], info->segsleft[1], inv & IP6T_RT_INV_SGS))
		return NO;
	if (info->flags & IP6T_RT_LEN && (info->hdrlen == size) == !!(inv & IP6T_RT_INV_LEN))
		return NO;
	if (info->flags & IP6T_RT_TYP && (info->rt_type == h[2]) == !!(inv & IP6T_RT_INV_TYP))
		return NO;
	if (info->flags & IP6T_RT_RES && (load(f->pkt, f->at + 4, &reserved, 4) || reserved))
		return NO;
	return !(info->flags & IP6T_RT_FST) || addresses_hold(f, info, size);
}

#define SR_HEADER 8
#define SR_TYPE 4

/* Is a criterion asked for and not met? */
static __always_inline int fails(const struct ip6t_srh1 *info, __u16 flag, int met)
{
	return info->mt_flags & flag && met == !!(info->mt_invflags & flag);
}

static __always_inline int segment_fails(const struct ext_find *f, const struct ip6t_srh1 *info,
					 __u32 n, const struct in6_addr *want,
					 const struct in6_addr *mask, __u16 flag)
{
	__u32 at = f->at + SR_HEADER + n * 16;
	__u32 a[4], differs = 0;

	if (!there(f->len, at, sizeof(a)) || load(f->pkt, at, a, sizeof(a)))
		return 1;
	for (int i = 0; i < 4; i++)
		differs |= (a[i] ^ want->s6_addr32[i]) & mask->s6_addr32[i];
	return fails(info, flag, !differs);
}

/* net/ipv6/netfilter/ip6t_srh.c; revision 0 comes without the flags of revision 1 */
static __always_inline int srh_holds(struct ext_find *f, const struct xtbpf_key *key,
				     const struct ip6t_srh1 *info)
{
	struct {
		__u8 next, len, type, left, last, flags;
		__u16 tag;
	} h;

	find(f, key, EXT_ROUTING);
	if (f->found != YES)
		return NO;
	if (!there(f->len, f->at, sizeof(h)) || load(f->pkt, f->at, &h, sizeof(h)))
		return NO;
	if (!there(f->len, f->at, ext_size(EXT_ROUTING, h.len)) || h.type != SR_TYPE ||
	    h.left > h.last)
		return NO;
	if (fails(info, IP6T_SRH_NEXTHDR, h.next == info->next_hdr) ||
	    fails(info, IP6T_SRH_LEN_EQ, h.len == info->hdr_len) ||
	    fails(info, IP6T_SRH_LEN_GT, h.len > info->hdr_len) ||
	    fails(info, IP6T_SRH_LEN_LT, h.len < info->hdr_len) ||
	    fails(info, IP6T_SRH_SEGS_EQ, h.left == info->segs_left) ||
	    fails(info, IP6T_SRH_SEGS_GT, h.left > info->segs_left) ||
	    fails(info, IP6T_SRH_SEGS_LT, h.left < info->segs_left) ||
	    fails(info, IP6T_SRH_LAST_EQ, h.last == info->last_entry) ||
	    fails(info, IP6T_SRH_LAST_GT, h.last > info->last_entry) ||
	    fails(info, IP6T_SRH_LAST_LT, h.last < info->last_entry) ||
	    fails(info, IP6T_SRH_TAG, h.tag == info->tag))
		return NO;
	if (info->mt_flags & IP6T_SRH_PSID &&
	    (h.left == h.last ||
	     segment_fails(f, info, h.left + 1u, &info->psid_addr, &info->psid_msk, IP6T_SRH_PSID)))
		return NO;
	if (info->mt_flags & IP6T_SRH_NSID &&
	    (!h.left ||
	     segment_fails(f, info, h.left - 1u, &info->nsid_addr, &info->nsid_msk, IP6T_SRH_NSID)))
		return NO;
	return !(info->mt_flags & IP6T_SRH_LSID &&
		 segment_fails(f, info, 0, &info->lsid_addr, &info->lsid_msk, IP6T_SRH_LSID));
}

#endif
