/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file text.h
 * -m string: the first place of a pattern, by Knuth, Morris and Pratt; the
 * includer brings look_read.
 */
#ifndef XTBPF_TEXT_H
#define XTBPF_TEXT_H

#define TEXT_BLOCK 32

/* Each step takes a byte or falls back, never further than it came. */
#define TEXT_STEPS (2 * 65536)

/**
 * struct text
 * @block: @have bytes of the packet from @base on
 * @fit: how much of the pattern the bytes before @at are
 * @found: 1: found, -1: not there, 0: neither yet
 */
struct text {
	struct look *l;
	const struct xtbpf_string *s;
	__u8 block[TEXT_BLOCK];
	__u32 base, have;
	__u32 at, end;
	__u32 fit;
	int found;
};

static __always_inline int text_fill(struct look *l, struct text *t)
{
	__u32 n = t->end - t->at;

	if (n > TEXT_BLOCK)
		n = TEXT_BLOCK;
	/* The verifier forgets the bound when it is spilled. */
	asm volatile("" : "+r"(n));
	if (n < 1 || n > TEXT_BLOCK || look_read(l, t->at, t->block, n))
		return -1;
	t->base = t->at;
	t->have = n;
	return 0;
}

/* As the kernel's toupper (lib/ctype.c), which knows Latin-1 */
static __always_inline __u8 text_fold(__u8 c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7))
		return c - 0x20;
	return c;
}

/* One byte, or one step back; text.found. */
static __always_inline int text_step(struct look *l, struct text *t, const struct xtbpf_string *s)
{
	__u32 i, fit = t->fit;
	__u8 c;

	if (t->at >= t->end)
		return -1;
	if (t->at - t->base >= t->have && text_fill(l, t))
		return -1;
	i = t->at - t->base;
	fit &= XTBPF_STRING_MAX - 1;
	c = t->block[i & (TEXT_BLOCK - 1)];
	if (s->fold)
		c = text_fold(c);
	if (s->pattern[fit] == c) {
		t->fit = fit + 1;
		t->at++;
		return t->fit >= s->len;
	}
	if (fit)
		t->fit = s->fail[fit];
	else
		t->at++;
	return 0;
}

static long text_next(__u32 index, struct text *t)
{
	t->found = text_step(t->l, t, t->s);
	return t->found != 0;
}

static __always_inline int text_found(struct look *l, const struct xtbpf_string *s)
{
	/* fail[0] is 0, which the verifier does not know: from a constant it would count up. */
	struct text t = { .l = l,
			  .s = s,
			  .base = s->from,
			  .have = s->fail[0],
			  .at = s->from,
			  .end = s->to < l->len ? s->to : l->len,
			  .fit = s->fail[0] };

	bpf_loop(TEXT_STEPS, text_next, &t, 0);
	return t.found > 0;
}

#endif
