/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file build.h
 * The steps of xtbpf_ruleset_new, in order. Each takes the ruleset as far as the
 * step before it has brought it, and returns 0 or a negative errno with *why
 * filled. SET_REPLACE step numbers count the kernel's checks:
 *
 *   xtbpf_blob_check   9-14b  entries are well formed, hooks point at them
 *   xtbpf_chains_find         who belongs to which chain (never refuses)
 *   xtbpf_blob_walk    14c    no loops; which hooks reach which entry
 *   xtbpf_blob_lookup  15     matches and targets exist and agree with their rule
 *   xtbpf_lower               typed rules
 */
#ifndef XTBPF_BUILD_H
#define XTBPF_BUILD_H

#include "entry.h"
#include "extension.h"
#include "reason.h"

/**
 * struct xtbpf_build - a ruleset being made
 * @blob: the one blob everything reads; its comefrom and counters are written
 * @rs: the ruleset, owner of the arena
 */
struct xtbpf_build {
	struct xtbpf_blob *blob;
	struct xtbpf_ruleset *rs;
	struct xtbpf_reason *why;
};

int xtbpf_blob_check(struct xtbpf_build *b);
int xtbpf_chains_find(struct xtbpf_build *b);
int xtbpf_blob_walk(struct xtbpf_build *b);
int xtbpf_blob_lookup(struct xtbpf_build *b);
int xtbpf_lower(struct xtbpf_build *b);

#endif
