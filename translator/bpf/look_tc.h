/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file look_tc.h
 * Reading packets at TC, for functions that look into them. The frame may be
 * padded: what counts is the length the parser found.
 */
#ifndef XTBPF_LOOK_TC_H
#define XTBPF_LOOK_TC_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "payload.h"

struct look {
	struct __sk_buff *skb;
	__u32 len; /* bytes from the IP header on */
};

static __always_inline void look_open(struct look *l, struct __sk_buff *skb,
				      const struct xtbpf_key *key)
{
	l->skb = skb;
	l->len = key->len;
}

/* n bytes at `at` from the IP header on; 0 when they are all there */
static __always_inline int look_read(struct look *l, __u32 at, void *to, __u32 n)
{
	if (at > l->len || n > l->len - at)
		return -1;
	return bpf_skb_load_bytes_relative(l->skb, at, to, n, BPF_HDR_START_NET);
}

#endif
