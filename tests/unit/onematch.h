/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file onematch.h
 * Tests of one extension: a filter table whose INPUT holds one rule, packets
 * against it, and both readings of the rule (evaluator, lowered) asked at once.
 */
#ifndef TESTS_ONEMATCH_H
#define TESTS_ONEMATCH_H

#include "blobs.h"

enum outcome { MISS, MATCH, HOT };

/** The kernel's errno for a rule with -p proto and this match: xtbpf_ruleset_new. */
int onematch_check(enum xtbpf_family family, uint16_t proto, const char *name, uint8_t revision,
		   const void *data, uint16_t size);

/**
 * An IP packet of protocol proto, fragment offset frag (in 8-byte units), with
 * l4len bytes at l4 behind its header, against the rule. Fails the test when
 * evaluator and lowered rule disagree.
 */
enum outcome onematch(enum xtbpf_family family, uint16_t proto, const struct match_spec *m,
		      uint16_t frag, const uint8_t *l4, uint32_t l4len);

/** The same for any packet against the first rule of INPUT; entry 1 is its policy. */
struct xtbpf_ruleset;
enum outcome onematch_ask(const struct xtbpf_ruleset *rs, const struct xtbpf_packet *pkt);

/** The same with a whole packet. */
enum outcome onematch_packet(enum xtbpf_family family, uint16_t proto, const struct match_spec *m,
			     const struct xtbpf_packet *pkt);

#endif
