/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file header.h
 * The evaluator's own reading of IP headers and of a rule's IP part.
 */
#ifndef XTBPF_HEADER_H
#define XTBPF_HEADER_H

#include "extension.h"

struct ipt_ip;
struct ip6t_ip6;

/** Is there a whole IP header of the family? Sets thoff and fragoff (IPv4). */
bool xtbpf_header_start(struct xtbpf_eval_pkt *p);
/** ip_packet_match */
bool xtbpf_header_match4(const struct xtbpf_eval_pkt *p, const struct ipt_ip *rule);
/** ip6_packet_match; sets thoff, fragoff, hotdrop */
bool xtbpf_header_match6(struct xtbpf_eval_pkt *p, const struct ip6t_ip6 *rule);

#endif
