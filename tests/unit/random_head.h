/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file random_head.h
 * Random matches on header fields, for random.c.
 */
#ifndef TESTS_RANDOM_HEAD_H
#define TESTS_RANDOM_HEAD_H

#include "random.h"

#include <linux/netfilter.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_cpu.h>
#include <linux/netfilter/xt_devgroup.h>
#include <linux/netfilter/xt_dscp.h>
#include <linux/netfilter/xt_ecn.h>
#include <linux/netfilter/xt_esp.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_length.h>
#include <linux/netfilter/xt_mac.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_tcpmss.h>
#include <linux/netfilter_ipv4/ipt_ttl.h>

/* Payloads of one rule; they live until it is added. */
struct rnd_head {
	struct xt_cpu_info cpu;
	struct xt_devgroup_info group;
	struct xt_dscp_info dscp;
	struct xt_ecn_info ecn;
	struct xt_esp spi;
	struct xt_iprange_mtinfo iprange;
	struct xt_length_info length;
	struct xt_mac_info mac;
	struct xt_pkttype_info pkttype;
	struct xt_tcpmss_match_info mss;
	struct xt_tos_match_info tos;
	struct ipt_ttl_info ttl;
};

/**
 * Adds some, at random. proto: what the rule surely demands, 0: nothing.
 * hook: of the built-in chain; XTBPF_NHOOK: any may lead here
 */
void rnd_head_matches(struct rnd *r, enum xtbpf_family family, enum xtbpf_hook hook, uint16_t proto,
		      struct rule *u, struct rnd_head *p);

#endif
