/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file random_deep.h
 * Random matches that look into the packet, and packets for them.
 */
#ifndef TESTS_RANDOM_DEEP_H
#define TESTS_RANDOM_DEEP_H

#include "random.h"

#include <linux/netfilter/xt_bpf.h>
#include <linux/netfilter/xt_sctp.h>
#include <linux/netfilter/xt_statistic.h>
#include <linux/netfilter/xt_string.h>
#include <linux/netfilter/xt_time.h>
#include <linux/netfilter/xt_u32.h>

/* Payload of one match; lives until the rule is added. */
union rnd_deep {
	struct xt_bpf_info bpf0;
	struct xt_bpf_info_v1 bpf1;
	struct xt_sctp_info sctp;
	struct xt_statistic_info statistic;
	struct xt_string_info string;
	struct xt_time_info time;
	struct xt_u32 u32;
};

/** Add one of them to the rule, or -m sctp if its protocol allows. */
void rnd_deep_match(struct rnd *r, struct rule *u, bool sctp, union rnd_deep *p);
/** Make len bytes at l4 an SCTP packet of a few chunks, at times a broken one. */
void rnd_chunks(struct rnd *r, uint8_t *l4, uint32_t len);

#endif
