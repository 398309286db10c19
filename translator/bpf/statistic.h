/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file statistic.h
 * -m statistic as net/netfilter/xt_statistic.c has it.
 */
#ifndef XTBPF_STATISTIC_H
#define XTBPF_STATISTIC_H

#include "payload.h"

/* The kernel's counter steps from 0 to `every` and matches at 0; ours only counts packets. */
static __always_inline int statistic_nth(struct xtbpf_nth *n)
{
	__u64 seen = __sync_fetch_and_add(&n->seen, 1) + 1;

	return seen >= n->first && (seen - n->first) % n->period == 0;
}

static __always_inline int statistic_random(const struct xtbpf_random *r)
{
	return (bpf_get_prandom_u32() & 0x7fffffff) < r->probability;
}

#endif
