/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file ext.h
 * Numbers of IPv6 extension headers (RFC 8200), and how to step over one.
 */
#ifndef XTBPF_EXT_H
#define XTBPF_EXT_H

#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define EXT_HOP 0
#define EXT_ROUTING 43
#define EXT_FRAGMENT 44
#define EXT_AUTH 51
#define EXT_NONE 59
#define EXT_DEST 60

/* More extension headers than fit in the longest packet. */
#define MAX_EXT 8192

static __always_inline __u16 be16_at(const __u8 *p)
{
	return (__u16)(p[0] << 8 | p[1]);
}

/* ipv6_ext_hdr (net/ipv6/exthdrs_core.c): ESP is none */
static __always_inline int is_ext(__u8 next)
{
	return next == EXT_HOP || next == EXT_ROUTING || next == EXT_FRAGMENT || next == EXT_AUTH ||
	       next == EXT_NONE || next == EXT_DEST;
}

/* Bytes of a header whose length byte is hdrlen. */
static __always_inline __u32 ext_size(__u8 type, __u8 hdrlen)
{
	if (type == EXT_FRAGMENT)
		return 8;
	return type == EXT_AUTH ? (hdrlen + 2u) << 2 : (hdrlen + 1u) << 3;
}

/* How much of a header ipv6_find_hdr wants to see before it goes on. */
static __always_inline int ext_wants4(__u8 type)
{
	return type == EXT_FRAGMENT || type == EXT_ROUTING;
}

#endif
