/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file ext6.h
 * IPv6 packets by hand for tests of matches on extension headers.
 */
#ifndef TESTS_EXT6_H
#define TESTS_EXT6_H

#include "onematch.h"

/**
 * What a rule without -p does with a packet whose first header after IPv6's is `next`
 * and whose bytes behind the IPv6 header are body.
 */
enum outcome ext6(const struct match_spec *m, uint8_t next, const uint8_t *body, uint32_t len);

/** A packet without payload, from an Ethernet address (NULL: from none) and an IPv6 one. */
enum outcome ext6_frame(const struct match_spec *m, const uint8_t *mac, const uint8_t low[8]);

#endif
