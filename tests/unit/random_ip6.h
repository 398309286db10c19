/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file random_ip6.h
 * Random IPv6 extension headers, and matches that look into them.
 */
#ifndef TESTS_RANDOM_IP6_H
#define TESTS_RANDOM_IP6_H

#include "random.h"

#include <linux/netfilter/xt_l2tp.h>
#include <linux/netfilter_ipv6/ip6t_ah.h>
#include <linux/netfilter_ipv6/ip6t_frag.h>
#include <linux/netfilter_ipv6/ip6t_ipv6header.h>
#include <linux/netfilter_ipv6/ip6t_mh.h>
#include <linux/netfilter_ipv6/ip6t_opts.h>
#include <linux/netfilter_ipv6/ip6t_rt.h>
#include <linux/netfilter_ipv6/ip6t_srh.h>

/* Payloads of one rule. */
struct rnd_ip6_payload {
	struct ip6t_ah ah;
	struct ip6t_frag frag;
	struct ip6t_opts opts;
	struct ip6t_ipv6header_info header;
	struct ip6t_mh mh;
	struct ip6t_rt rt;
	struct ip6t_srh srh;
	struct ip6t_srh1 srh1;
	struct xt_l2tp_info l2tp;
};

/** Extension headers from ip + 40 on; returns the offset behind them, *next: where to put the
 * protocol's number. At most 120 bytes. */
uint32_t rnd_ip6_headers(struct rnd *r, uint8_t *ip, uint8_t **next);

/** Some match that looks into extension headers. */
void rnd_ip6_match(struct rnd *r, struct rule *u, struct rnd_ip6_payload *p);
/** Mobility header (IPv6, -p mh) and L2TP (-p udp or l2tp). */
void rnd_mh_match(struct rnd *r, struct rule *u, struct rnd_ip6_payload *p);
void rnd_l2tp_match(struct rnd *r, struct rule *u, struct rnd_ip6_payload *p);

#endif
