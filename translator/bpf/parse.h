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

#include "key.h"

#define TCP_HEADER 20
#define TCP_OPTIONS 40

static __always_inline __u16 be16_at(const __u8 *p)
{
	return (__u16)(p[0] << 8 | p[1]);
}

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
 * As tcp_find_option (net/netfilter/xt_tcpudp.c) steps: numbers below 2 are one
 * byte long, a length of 0 counts as 1. A global function: verified by itself,
 * once.
 */
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
		at += number < 2 || !len ? 1 : len;
	}
	return 0;
}

#endif
