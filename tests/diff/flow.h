/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traffic under two rulesets that alternate: some packets both accept, some
 * both drop, some only one of them; forwarded and sent by the box itself.
 */
#ifndef DIFF_FLOW_H
#define DIFF_FLOW_H

#include "tests/diff/side.h"

enum flow_kind { FLOW_ACCEPT, FLOW_DROP, FLOW_EITHER, FLOW_NKIND };

/**
 * struct flow - what was sent and what became of it
 * @sent, @arrived: forwarded packets; @refused, @passed: the box's own sends
 */
struct flow {
	struct topo *topo;
	uint64_t sent[FLOW_NKIND], arrived[FLOW_NKIND];
	uint64_t passed[FLOW_NKIND], refused[FLOW_NKIND];
};

/** The two rulesets (filter; iptables-restore text): which is 0 or 1. */
const char *flow_rules(int which);
/** Send n packets of each kind each way and count what has arrived. */
void flow_burst(struct flow *f, unsigned int n);
/** Collect late ones, then print what is wrong; returns the number of wrong kinds. */
unsigned int flow_check(struct flow *f);

#endif
