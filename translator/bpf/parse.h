/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file parse.h
 * Parsing that does not depend on how the bytes are reached. Every hook's
 * runtime includes it.
 */
#ifndef XTBPF_PARSE_H
#define XTBPF_PARSE_H

#include <linux/in.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "ext.h"
#include "key.h"

#define IP_OFFSET 0x1fff
#define TCP_HEADER 20
#define TCP_OPTIONS 40

/* What key.l4 says of a transport header of which `left` bytes are in the packet. */
static __always_inline __u8 l4_short(__u32 left)
{
	__u8 bits = 0;

	if (left < 4)
		bits |= XTBPF_L4_SHORT4;
	if (left < 8)
		bits |= XTBPF_L4_SHORT8;
	if (left < TCP_HEADER)
		bits |= XTBPF_L4_SHORT20;
	return bits;
}

/* n, of which clang knows nothing: it would leave out checks that the verifier needs. */
static __always_inline __u32 opaque(__u32 n)
{
	asm volatile("" : "+r"(n));
	return n;
}

/* How much of key->head there is; the mask is for the verifier. */
static __always_inline __u32 head_size(__u32 left)
{
	const __u32 room = sizeof(((struct xtbpf_key *)0)->head);

	return opaque(left < room ? left : room) & 31;
}

/* The first four bytes of a transport header into the key, whatever the protocol. */
static __always_inline void l4_fields(struct xtbpf_key *key, const __u8 *p)
{
	key->sport = be16_at(p);
	key->dport = be16_at(p + 2);
	key->icmp = key->sport;
}

/* A TCP header's options, and the set of their numbers. */
struct tcp_options {
	__u32 set[8];
	__u32 len;
	__u8 byte[TCP_OPTIONS + 4];
};

/*
 * How far tcp_find_option (net/netfilter/xt_tcpudp.c) steps: numbers below 2 are one
 * byte long, a length of 0 counts as 1. Without branches: the verifier of 6.1 follows
 * both ways of each at every step of the loop, and gives up.
 */
static __always_inline __u32 option_step(__u8 number, __u8 len)
{
	__u32 one = ((__u32)number - 2) >> 31 | ((__u32)len - 1) >> 31;

	asm volatile("" : "+r"(one)); /* or the compiler makes branches again */
	return len * (1 - one) + one;
}

/* A global function: verified by itself, once. */
__noinline int xtbpf_tcp_options(struct tcp_options *o)
{
	__u32 at = 0;

	if (!o)
		return 0;
	for (int i = 0; i < TCP_OPTIONS; i++) {
		if (at >= o->len || at >= TCP_OPTIONS)
			break;

		__u8 number = o->byte[at];
		__u8 len = o->byte[at + 1];

		o->set[(number >> 5) & 7] |= 1u << (number & 31);
		at += option_step(number, len);
	}
	return 0;
}

#define OPT_MSS 2
#define OPT_MSS_LEN 4

/* The value of the MSS option; as tcpmss_mt (net/netfilter/xt_tcpmss.c) looks for it. */
__noinline int xtbpf_tcp_mss(struct tcp_options *o)
{
	__u32 at = 0;

	if (!o)
		return XTBPF_MSS_NONE;
	for (int i = 0; i < TCP_OPTIONS; i++) {
		if (at >= o->len || at >= TCP_OPTIONS)
			break;

		__u8 number = o->byte[at];
		__u8 len = o->byte[at + 1];

		if (number == OPT_MSS && o->len - at >= OPT_MSS_LEN && len == OPT_MSS_LEN)
			return o->byte[at + 2] << 8 | o->byte[at + 3];
		at += option_step(number, len);
	}
	return XTBPF_MSS_NONE;
}

/* As pkttype_mt has it: a looped-back packet is called after its destination. */
#define PKT_BROADCAST 1
#define PKT_MULTICAST 2
#define PKT_LOOPBACK 5

static __always_inline __u8 pkttype(__u8 type, _Bool multicast)
{
	if (type != PKT_LOOPBACK)
		return type;
	return multicast ? PKT_MULTICAST : PKT_BROADCAST;
}

/**
 * struct ext_walk - where the walk over IPv6 extension headers stands
 * It is that of ipv6_find_hdr(skb, &at, -1, &fragoff, NULL), net/ipv6/exthdrs_core.c.
 * @pkt: what the hook reads packets by
 * @at: offset of the header called `next` from the IPv6 header
 */
struct ext_walk {
	void *pkt;
	__u32 at;
	__u16 fragoff;
	__u8 next;
	__u8 bad;
};

static __always_inline int ext_ends(const struct ext_walk *w)
{
	return !is_ext(w->next) || w->next == EXT_NONE;
}

/* Steps over a fragment header, 4 bytes of which are at h; 1: the walk is over. */
static __always_inline int ext_fragment(struct ext_walk *w, const __u8 *h)
{
	__u16 fragoff = be16_at(h + 2) & ~7;

	w->next = h[0];
	w->at += 8;
	if (!fragoff)
		return 0;
	w->fragoff = fragoff;
	w->bad = !ext_ends(w);
	return 1;
}

/* Any other extension header, 2 bytes of which are at h. */
static __always_inline int ext_other(struct ext_walk *w, const __u8 *h)
{
	w->at += ext_size(w->next, h[1]);
	w->next = h[0];
	return 0;
}

#endif
