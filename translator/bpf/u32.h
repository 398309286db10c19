/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file u32.h
 * -m u32 as net/netfilter/xt_u32.c evaluates it; the includer brings look_read.
 */
#ifndef XTBPF_U32_H
#define XTBPF_U32_H

#include <bpf/bpf_endian.h>

/* Steps over all operators of all tests; one loop, so that the verifier walks it once. */
struct u32_walk {
	__u32 val, at;
};

static __always_inline int u32_word(struct look *l, __u32 at, __u32 *val)
{
	__u32 word;

	if (look_read(l, at, &word, sizeof(word)))
		return 0;
	*val = bpf_ntohl(word);
	return 1;
}

/* One operator; 0: it reads outside the packet */
static __always_inline int u32_step(struct look *l, struct u32_walk *w, __u8 op, __u32 number)
{
	switch (op) {
	case XTBPF_U32_AND:
		w->val &= number;
		return 1;
	case XTBPF_U32_LEFTSH:
		w->val <<= number & 31;
		return 1;
	case XTBPF_U32_RIGHTSH:
		w->val >>= number & 31;
		return 1;
	case XTBPF_U32_AT:
		if (w->at + w->val < w->at)
			return 0;
		w->at += w->val;
		if (w->at + 4 < w->at || l->len < w->at + 4 || number > l->len - w->at - 4)
			return 0;
		return u32_word(l, w->at + number, &w->val);
	}
	return 1;
}

static __always_inline int u32_test(struct look *l, const struct xtbpf_u32_test *t)
{
	struct u32_walk w = {};

	if (!u32_word(l, t->number[0], &w.val))
		return 0;
	for (int i = 1; i < XTBPF_U32_MAX; i++) {
		if (i >= t->nnums)
			break;
		if (!u32_step(l, &w, t->op[i], t->number[i]))
			return 0;
	}
	for (int i = 0; i < XTBPF_U32_MAX; i++) {
		if (i >= t->nvalues)
			break;
		if (t->min[i] <= w.val && w.val <= t->max[i])
			return 1;
	}
	return 0;
}

static __always_inline int u32_holds(struct look *l, const struct xtbpf_u32 *u)
{
	for (__u32 i = 0; i < XTBPF_U32_MAX; i++) {
		if (i >= u->ntests)
			break;
		if (!u32_test(l, &u->test[i]))
			return 0;
	}
	return 1;
}

#endif
