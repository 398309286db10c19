/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file ruletext.h
 * A rule as iptables-save prints it, for messages. The blob may be one that
 * failed its checks: what cannot be read safely is not printed.
 */
#ifndef XTBPF_RULETEXT_H
#define XTBPF_RULETEXT_H

#include <stdio.h>
#include <xtbpf/table.h>

/**
 * The text of entry number `entry` ("-A INPUT -s 10.0.0.0/8 -j DROP"), malloc'ed;
 * NULL when there is none to give (no such entry, no rule, broken, no memory).
 * Takes up to two seconds: matches and targets are printed by libxtables in a child.
 */
char *xtbpf_rule_text(const struct xtbpf_blob *blob, uint32_t entry);

/**
 * The part before the matches (addresses, interfaces, protocol, fragments);
 * ip is a struct ipt_ip or ip6t_ip. Each option with a space before it.
 */
void xtbpf_ip_text(enum xtbpf_family family, const void *ip, FILE *to);

#endif
