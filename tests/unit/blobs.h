/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file blobs.h
 * Blobs for unit tests, rule by rule:
 *
 *	struct blobs *b = blobs_new(XTBPF_IPV4, XTBPF_FILTER);
 *	struct rule r = rule_proto(b, IPPROTO_TCP, V_DROP);
 *	blobs_hook(b, XTBPF_INPUT);
 *	blobs_add(b, &r);
 *	blobs_policy(b, XTBPF_INPUT, V_ACCEPT);
 *	...
 *	blobs_end(b);
 *	err = xtbpf_ruleset_new(&b->blob, true, &rs, &why);
 *	blobs_free(b);
 */
#ifndef TESTS_BLOBS_H
#define TESTS_BLOBS_H

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <xtbpf/translator.h>

#define V_DROP (-1)
#define V_ACCEPT (-2)
#define V_QUEUE (-4)
#define V_RETURN (-5)
#define V_NEXT 0 /* no target: replaced by the offset of the next entry */

struct blobs {
	struct xtbpf_blob blob;
	uint32_t room;
};

struct match_spec {
	const char *name;
	uint8_t revision;
	uint16_t size; /* of data; the payload is this, rounded up to 8 */
	const void *data;
};

/**
 * struct rule - what goes into one entry; the IP part of the blob's family counts
 * @target: NULL: standard, with verdict
 */
struct rule {
	struct ipt_ip ip4;
	struct ip6t_ip6 ip6;
	struct match_spec match[16];
	unsigned int nmatches;
	int32_t verdict;
	const char *target;
	uint8_t revision;
	uint16_t target_size;
	const void *target_data;
};

struct blobs *blobs_new(enum xtbpf_family family, enum xtbpf_table_id table);
void blobs_free(struct blobs *b);

/** The next entry starts the built-in chain. */
void blobs_hook(struct blobs *b, enum xtbpf_hook hook);
/** Append; returns the entry's offset. */
uint32_t blobs_add(struct blobs *b, const struct rule *r);
/** An unconditional rule that is the hook's underflow. */
uint32_t blobs_policy(struct blobs *b, enum xtbpf_hook hook, int32_t verdict);
/** The ERROR head of a user chain; returns the offset of the chain's first rule. */
uint32_t blobs_user(struct blobs *b, const char *name);
/** The last entry. */
void blobs_end(struct blobs *b);
/** An unconditional rule. */
uint32_t blobs_simple(struct blobs *b, int32_t verdict);
/** Change a standard target's verdict. */
void blobs_verdict(struct blobs *b, uint32_t offset, int32_t verdict);

/** INPUT, FORWARD and OUTPUT of filter, empty but for rules in INPUT; ends the blob. */
struct blobs *blobs_filter(enum xtbpf_family family, const struct rule *rules, unsigned int n);

/** A rule with -p PROTO (0: none; IPv6: sets IP6T_F_PROTO). */
struct rule rule_proto(uint16_t proto, int32_t verdict);
void rule_match(struct rule *r, const char *name, uint8_t revision, const void *data,
		uint16_t size);
/** Both families: does the rule ask the inversion? Same bits. */
void rule_invert(struct rule *r, uint8_t invflags);

/** The raw parts of the entry at offset, for tests that break them. */
struct ipt_entry *blobs_entry4(struct blobs *b, uint32_t offset);
struct ip6t_entry *blobs_entry6(struct blobs *b, uint32_t offset);
struct xt_standard_target *blobs_target(struct blobs *b, uint32_t offset);

/** xtbpf_ruleset_new, result thrown away; why may be NULL. */
int blobs_try(struct blobs *b, bool lower, struct xtbpf_reason *why);

#endif
