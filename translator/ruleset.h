/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file ruleset.h
 * The typed intermediate form between a checked blob and everything that reads
 * rules: planner, code emission, evaluator, reports.
 *
 * A rule is an ordered list of predicates and one verdict. Predicates come in
 * the kernel's order of evaluation, because some of them drop the packet
 * ("hotdrop") when they cannot be evaluated.
 */
#ifndef XTBPF_RULESET_H
#define XTBPF_RULESET_H

#include <xtbpf/translator.h>

struct xtbpf_match_ops;
struct xtbpf_arena;

/*
 * Fields of a packet that predicates test. Width in bytes and position in the
 * packet key are in one table (translator/emit/field.c).
 */
enum xtbpf_field {
	XTBPF_F_SADDR, /* 4 or 16 bytes, network order */
	XTBPF_F_DADDR,
	XTBPF_F_IN, /* 16 bytes, zero-padded device name, all zero when absent */
	XTBPF_F_OUT,
	XTBPF_F_PROTO,	  /* u16: IPv4 protocol, or what ipv6_find_hdr(-1) returns */
	XTBPF_F_FRAG,	  /* u8: 1 when the fragment offset is not 0 (IPv4 -f) */
	XTBPF_F_SPORT,	  /* u16, host order: first two bytes of the transport header */
	XTBPF_F_DPORT,	  /* u16, host order: the next two */
	XTBPF_F_ICMP,	  /* u16: type << 8 | code */
	XTBPF_F_TCPFLAGS, /* u8: byte 13 of the TCP header */
	XTBPF_NFIELD,
};

enum xtbpf_pred_kind {
	XTBPF_P_BITS,	/* (field & mask) == value; value is not masked first */
	XTBPF_P_RANGES, /* some range r: r.lo <= r.field <= r.hi (host order) */
	XTBPF_P_L4,	/* guard, see below; no inversion */
	XTBPF_P_PROTO6, /* guard, see below; no inversion */
	XTBPF_P_TCPOPT, /* TCP option number `option` is present; see below */
};

/*
 * XTBPF_P_L4: fragment offset != 0: false (hotdrop instead when it is 1 and
 *   frag1_hotdrop); fewer than `need` (4, 8 or 20) bytes of transport header in
 *   the packet: hotdrop. Guards fields from XTBPF_F_SPORT on.
 *   In IPv6 the offset is in bytes (a multiple of 8), so it is never 1.
 * XTBPF_P_PROTO6: IPv6 rule with IP6T_F_PROTO: no transport header found by
 *   ipv6_find_hdr(-1): hotdrop. ip6_packet_match spares packets with a fragment
 *   offset, but ipv6_find_hdr reports one only when it succeeds: a later
 *   fragment of an extension header is hotdrop, too.
 * XTBPF_P_TCPOPT: data offset < 5 or options not wholly in the packet: hotdrop;
 *   no options at all: not present (tcp_find_option in xt_tcpudp.c).
 *
 * Canonical: what is always true is left out; what is never true is one
 * XTBPF_P_BITS with an all-zero mask, a value that is not zero, no inversion.
 * Otherwise value has no bits outside mask, ranges have lo <= hi and n > 0.
 */

struct xtbpf_range {
	enum xtbpf_field field;
	uint16_t lo, hi;
};

struct xtbpf_pred {
	enum xtbpf_pred_kind kind;
	bool invert;
	union {
		struct {
			enum xtbpf_field field;
			uint8_t value[16], mask[16]; /* field order; u16 fields: host order */
		} bits;
		struct {
			unsigned int n;
			struct xtbpf_range *range; /* owned by the ruleset */
		} ranges;
		struct {
			uint8_t need;
			bool frag1_hotdrop;
		} l4;
		uint8_t option;
	};
};

enum xtbpf_action {
	XTBPF_A_CONTINUE, /* a rule without target: count, then the next rule */
	XTBPF_A_ACCEPT,
	XTBPF_A_DROP,
	XTBPF_A_RETURN,
	XTBPF_A_JUMP, /* to chain `target`, come back behind this rule */
	XTBPF_A_GOTO, /* to chain `target`, come back where this chain would have */
};

/**
 * struct xtbpf_match_ref - a match as it stands in the blob (for the evaluator)
 * @data: payload, ops->size bytes
 */
struct xtbpf_match_ref {
	const struct xtbpf_match_ops *ops;
	const void *data;
};

struct xtbpf_rule {
	uint32_t entry;	     /* index in the blob: the counter's number */
	unsigned int number; /* from 1 in its chain; 0: policy or the chain's final RETURN */
	const void *ip;	     /* struct ipt_entry or ip6t_entry in the blob */
	struct xtbpf_match_ref *matches;
	unsigned int nmatches;
	struct xtbpf_pred *preds;
	unsigned int npreds;
	enum xtbpf_action action;
	unsigned int target; /* index into chains[] for JUMP and GOTO */
};

/**
 * struct xtbpf_chain
 * @hook: the hook of a built-in chain, XTBPF_NHOOK for a user chain
 * @rules: all of them, the last being the policy (built-in) or the final RETURN (user)
 */
struct xtbpf_chain {
	char name[XTBPF_NAME_LEN];
	enum xtbpf_hook hook;
	struct xtbpf_rule *rules;
	unsigned int nrules;
	uint32_t first_entry; /* blob index of the first rule */
	uint32_t reach;	      /* mask of hooks whose built-in chain can reach this one (comefrom) */
};

#define XTBPF_NO_CHAIN 0xffffffffu

/**
 * struct xtbpf_entry - one blob entry, lowered or not
 * @chain: index into chains[], XTBPF_NO_CHAIN when it belongs to none
 * @number: as in struct xtbpf_rule
 * @head: the ERROR entry that names a user chain, or the last one of the blob
 */
struct xtbpf_entry {
	uint32_t offset;
	uint32_t chain;
	unsigned int number;
	bool head;
	uint16_t nmatches;
	struct xtbpf_match_ref *matches;
};

struct xtbpf_ruleset {
	const struct xtbpf_blob *blob;
	enum xtbpf_family family;
	enum xtbpf_table_id table;
	struct xtbpf_chain
		*chains; /* built-in ones in hook order, then user chains in blob order */
	unsigned int nchains;
	int base[XTBPF_NHOOK];	  /* chain index by hook, -1 when the table has none there */
	struct xtbpf_rule *rules; /* storage of all rules, in blob order */
	unsigned int nrules;
	struct xtbpf_entry *entries;
	uint32_t nentries;
	unsigned int nheads;	   /* ERROR entries: the kernel's jump stack depth */
	bool lowered;		   /* false: chains have no rules yet */
	struct xtbpf_arena *arena; /* owns everything that hangs on rules */
};

#endif
