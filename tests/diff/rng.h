/* SPDX-License-Identifier: GPL-2.0-only */
/* A seeded generator: one seed, one sequence of packets, on every machine. */
#ifndef DIFF_RNG_H
#define DIFF_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t s;
};

/* xorshift64*; state must not be 0. */
static inline uint64_t rng_next(struct rng *r)
{
	if (!r->s)
		r->s = 0x9e3779b97f4a7c15ull;
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return r->s * 2685821657736338717ull;
}

/* 0 .. n-1; 0 for n == 0 */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return n ? (uint32_t)((rng_next(r) >> 32) % n) : 0;
}

static inline bool rng_percent(struct rng *r, unsigned int p)
{
	return rng_below(r, 100) < p;
}

#endif
