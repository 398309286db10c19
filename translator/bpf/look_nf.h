/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file look_nf.h
 * Reading packets at netfilter hooks, for functions that look into them.
 */
#ifndef XTBPF_LOOK_NF_H
#define XTBPF_LOOK_NF_H

#include "kernel.h"
#include "payload.h"

extern int xtbpf_nf_open(struct bpf_nf_ctx *ctx, struct bpf_dynptr *pkt) __hidden;

struct look {
	struct bpf_dynptr pkt;
	__u32 len; /* bytes from the IP header on */
};

static __always_inline int look_open(struct look *l, struct bpf_nf_ctx *ctx)
{
	l->len = ctx->skb->len;
	return xtbpf_nf_open(ctx, &l->pkt);
}

/* n bytes at `at` from the IP header on; 0 when they are all there */
static __always_inline int look_read(struct look *l, __u32 at, void *to, __u32 n)
{
	return bpf_dynptr_read(to, n, &l->pkt, at, 0);
}

#endif
