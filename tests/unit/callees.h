/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file callees.h
 * The runtime's functions for XTBPF_P_CALL, as BPF C has them, run on plain
 * memory: under sanitizers, and without a kernel.
 */
#ifndef TESTS_CALLEES_H
#define TESTS_CALLEES_H

#include "translator/ruleset.h"

/** What the function returns for a packet with its transport header at thoff; -1: not known here. */
int callee_run(const struct xtbpf_callee *to, const void *data, const struct xtbpf_packet *pkt,
	       uint32_t thoff);

#endif
