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

#define XTBPF_HEADER_LAST (-1)
/**
 * ipv6_find_hdr (net/ipv6/exthdrs_core.c): the extension header `target`, or with
 * XTBPF_HEADER_LAST the protocol behind them all. Returns its number, -ENOENT, or
 * -EBADMSG when headers are cut short. Sets *at (but not for a later fragment's
 * protocol) and *fragoff, in bytes.
 */
int xtbpf_header_find6(const struct xtbpf_eval_pkt *p, int target, uint32_t *at, uint16_t *fragoff);
/** Bytes in the extension header at hdr (2 of them are read) of that type; ESP is none. */
uint32_t xtbpf_header_size6(uint8_t type, const uint8_t *hdr);

#endif
