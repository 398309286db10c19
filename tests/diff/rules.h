/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules as the tests see them: one table of an iptables-save text, read well
 * enough to aim packets at every rule and to say which rules xtbpf can express.
 * Only canonical text (what iptables-legacy-save printed) is understood.
 */
#ifndef DIFF_RULES_H
#define DIFF_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct r_addr {
	bool set, neg;
	uint8_t a[16], m[16];
};

struct r_ports {
	unsigned int n; /* 0: not given */
	bool neg;
	struct {
		uint16_t lo, hi;
	} r[16];
};

struct r_iface {
	bool set, neg;
	char name[16];
};

/**
 * struct r_rule - one -A line
 * @unsupported: the first match or target that xtbpf does not have, "" when it has all
 * @ports: multiport --ports: source or destination
 * @tcp_mask: 0: no --tcp-flags; @icmp_type: -1 none, 255: any; @icmp_code -1: any
 * @target: "" for none; @to: chain index for jumps and gotos, else -1
 */
struct r_rule {
	char *text;
	int chain;
	unsigned int number;
	char unsupported[32];
	struct r_addr src, dst;
	struct r_iface in, out;
	int proto;
	bool proto_neg;
	bool frag, frag_neg;
	struct r_ports sport, dport, ports;
	uint8_t tcp_mask, tcp_cmp;
	bool tcp_neg;
	int tcp_option;
	int icmp_type, icmp_code;
	bool icmp_neg;
	char target[32];
	int to;
};

struct r_chain {
	char name[32];
	int hook; /* NF_INET_*, -1 for a user chain */
	char policy[16];
};

struct r_table {
	int family;
	char name[32];
	struct r_chain *chain;
	unsigned int nchain;
	struct r_rule *rule;
	unsigned int nrule;
};

/** Read the table called name out of save text. 0, -ENOENT, -ENOMEM. */
int r_table_parse(int family, const char *text, const char *name, struct r_table *out);
void r_table_free(struct r_table *t);

/**
 * Save text with only what can be expressed: filter alone (strict), or also the
 * verdict rules of raw, mangle and security. malloc'ed. kept and dropped count
 * the rules of the tables that stay; dropped also those of the tables that go.
 */
char *r_reduce(int family, const char *text, bool filter_only, unsigned int *kept,
	       unsigned int *dropped);

#endif
