/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file random.h
 * Random packets and rulesets from a seed. Values come from small pools, so
 * that rules and packets meet; every odd form has its share.
 */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include "blobs.h"

/**
 * struct rnd
 * @stateful: rules may count packets, so the kernel's own ones must not meet them
 * @open: rules ask little but their matches, and most go on: packets meet many of them
 */
struct rnd {
	uint64_t state;
	bool stateful;
	bool open;
};

/** 0 .. n-1 */
uint32_t rnd_below(struct rnd *r, uint32_t n);
static inline bool rnd_one_in(struct rnd *r, uint32_t n)
{
	return rnd_below(r, n) == 0;
}

#define RND_PACKET_MAX 256
/** A packet with a whole IP header, the rest at times cut; bytes in buf. */
void rnd_packet(struct rnd *r, enum xtbpf_family family, uint8_t buf[RND_PACKET_MAX],
		struct xtbpf_packet *pkt);

/** A filter table of a few user chains that xtbpf can lower. */
struct blobs *rnd_ruleset(struct rnd *r, enum xtbpf_family family);

#endif
