/* SPDX-License-Identifier: GPL-2.0-only */
/* One comparison: two sides, one ruleset, one sequence of packets. */
#ifndef DIFF_MATCH_H
#define DIFF_MATCH_H

#include "tests/diff/aim.h"
#include "tests/diff/side.h"

struct third;

/**
 * struct match - what to compare
 * @rules: save text that both sides load
 * @aim_at: table that packets are aimed at
 * @packets, @seed, @strange: see struct aim
 * @every, @from: compare counters after every so many packets from this one on (0: only at the end)
 * @tc: TC decides: only what is exact there
 * @early: packets may vanish before ip_rcv counts them
 * @eval: also compare the evaluator with the first side
 * @other: what the second side loads instead (to see that differences are found)
 */
struct match {
	int family;
	const char *rules, *other;
	const char *aim_at;
	unsigned int packets;
	uint64_t seed;
	unsigned int strange;
	unsigned int every, from;
	bool tc, early, eval;
	struct helper *helper[2]; /* NULL: the kernel */
	/* results */
	unsigned int differences; /* of any kind */
	unsigned int first_bad;	  /* packet after which counters differed (with every != 0) */
	bool refused;		  /* the second side did not take the rules */
	char *refusal;
	unsigned long long early_drops[2]; /* XDP, TC */
	unsigned int sent, rules_met, rules_all;
};

/** 0: compared (see ->differences); negative errno: could not. */
int match_run(struct match *m);

#endif
