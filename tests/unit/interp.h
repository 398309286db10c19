/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file interp.h
 * The lowered rules, interpreted on a packet key: what emitted code will do,
 * for comparison with xtbpf_eval. And the key of a raw packet, as the parsers in
 * BPF C fill it.
 */
#ifndef TESTS_INTERP_H
#define TESTS_INTERP_H

#include "translator/bpf/key.h"
#include "translator/ruleset.h"

void interp_key(enum xtbpf_family family, const struct xtbpf_packet *pkt, struct xtbpf_key *key);

enum xtbpf_verdict interp(const struct xtbpf_ruleset *rs, enum xtbpf_hook hook,
			  const struct xtbpf_key *key, struct xtbpf_path *path);

#endif
