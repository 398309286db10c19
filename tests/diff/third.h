/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The third opinion: the evaluator, fed with exactly the packets that the
 * filter hook of the kernel's side saw (an nf_tables log chain right in front
 * of ip_tables hands us copies), compared with the kernel's counters.
 */
#ifndef DIFF_THIRD_H
#define DIFF_THIRD_H

#include "tests/diff/topo.h"

struct third;

/** The side's table as loaded now. NULL on failure, which it prints. */
struct third *third_open(const struct topo *t, const char *table);
/** Evaluate what has been seen; NULL is fine. */
void third_drain(struct third *th);
/** Returns the number of entries whose counters differ, printing some. */
unsigned int third_compare(struct third *th);
void third_close(struct third *th);

#endif
