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
struct xtbpf_eval_pkt;
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
	/* Of the IP header: */
	XTBPF_F_IPLEN, /* u32: the datagram's length, as -m length has it */
	XTBPF_F_TOS,   /* u8: TOS or traffic class */
	XTBPF_F_TTL,   /* u8: TTL or hop limit */
	/* Bytes at the transport header's place, also of later fragments; guard: XTBPF_P_NEED */
	XTBPF_F_HEAD,	/* 16 bytes: 0 to 15 */
	XTBPF_F_HEAD0,	/* u32, network order, at 0 */
	XTBPF_F_HEAD4,	/* u32, network order, at 4 */
	XTBPF_F_HEAD8,	/* u8 at 8 */
	XTBPF_F_HEAD12, /* u32, network order, at 12 */
	XTBPF_F_HEAD16, /* u32, network order, at 16 */
	XTBPF_F_MSS,	/* u32: TCP's MSS option, 0x10000 without; guard: XTBPF_P_BADOPT */
	/* Of the frame and the machine: */
	XTBPF_F_MAC,	   /* 8 bytes: source address, then u16 1 when there is one at all */
	XTBPF_F_PKTTYPE,   /* u8: PACKET_HOST and so on */
	XTBPF_F_CPU,	   /* u32; early drop cannot tell */
	XTBPF_F_IN_GROUP,  /* u32: group of the device; only at netfilter hooks */
	XTBPF_F_OUT_GROUP, /* u32 */
	XTBPF_NFIELD,
};

enum xtbpf_pred_kind {
	XTBPF_P_BITS,	/* (field & mask) == value; value is not masked first */
	XTBPF_P_RANGES, /* some range r: r.lo <= r.field <= r.hi; fields of 1, 2 or 4 bytes */
	XTBPF_P_L4,	/* guard, see below; no inversion */
	XTBPF_P_PROTO6, /* guard, see below; no inversion */
	XTBPF_P_TCPOPT, /* TCP option number `option` is present; see below */
	XTBPF_P_WIDE,	/* a field of 16 bytes, network order, lies between lo and hi */
	XTBPF_P_FIRST,	/* guard, see below; no inversion */
	XTBPF_P_NEED,	/* guard, see below; no inversion */
	XTBPF_P_BADOPT, /* guard, see below; no inversion */
	XTBPF_P_CALL,	/* a function of the runtime says so, see struct xtbpf_callee */
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
 * XTBPF_P_NEED: fewer than `need` (up to 20) bytes at the transport header's
 *   place: hotdrop, or false unless `hotdrop`. Does not look at the fragment offset
 *   itself: put an XTBPF_P_FIRST before it where the kernel does.
 * XTBPF_P_FIRST: fragment offset != 0: false.
 * XTBPF_P_BADOPT: the hotdrop of XTBPF_P_TCPOPT alone, for XTBPF_F_MSS.
 *
 * Canonical: what is always true is left out; what is never true is one
 * XTBPF_P_BITS with an all-zero mask, a value that is not zero, no inversion.
 * Otherwise value has no bits outside mask, ranges have lo <= hi and n > 0.
 */

struct xtbpf_range {
	enum xtbpf_field field;
	uint32_t lo, hi; /* host order */
};

/**
 * struct xtbpf_callee - a function of the runtime for XTBPF_P_CALL
 * For matches that must look into the packet. translator/bpf/@nf.bpf.c defines
 *	__noinline int xtbpf_nf_NAME(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct TYPE *data)
 * and, unless @tc is NULL (then the plan refuses it at TC), translator/bpf/@tc.bpf.c
 *	__noinline int xtbpf_tc_NAME(struct __sk_buff *ctx, struct xtbpf_key *key, struct TYPE *data)
 * as global functions (verified once; check key and data for NULL). They return 0:
 * false, 1: true (then inverted as the predicate says), 2: hotdrop; where @late_drop, 3:
 * true and hotdrop (counted if the rest of the rule holds, and dropped). key has head, have,
 * thoff and fragoff filled; it is to be left alone. data is
 * memory of this rule alone, shared by all CPUs, new with each replacement of the
 * table, and may be written (no locks in it).
 * Tables with such a rule use two call frames less for chains: the function may
 * call one more that calls none (bpf_loop's callback), and has about 128 bytes of stack.
 * Early drop calls nothing: what depends on it is left to the deciding hook.
 * @type: name of data's struct; @size: its size
 * @evaluate: the same in C, on data; for the tests of lowering (NULL: they run BPF C's)
 */
struct xtbpf_callee {
	const char *name;
	const char *nf, *tc;
	const char *type;
	uint32_t size;
	bool late_drop;
	bool (*evaluate)(struct xtbpf_eval_pkt *pkt, const void *data);
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
		struct {
			enum xtbpf_field field;
			uint8_t lo[16], hi[16];
		} wide;
		struct {
			uint8_t need;
			bool hotdrop;
		} need;
		struct {
			const struct xtbpf_callee *to;
			const void *data; /* to->size bytes, owned by the ruleset */
			uint32_t at;	  /* their place among the data of all rules */
		} call;
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
 * @state: of a stateful match, new with the ruleset, 0 at first; else NULL
 */
struct xtbpf_match_ref {
	const struct xtbpf_match_ops *ops;
	const void *data;
	uint64_t *state;
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
	uint32_t call_size;	   /* data of all XTBPF_P_CALL */
	unsigned int nheads;	   /* ERROR entries: the kernel's jump stack depth */
	bool lowered;		   /* false: chains have no rules yet */
	struct xtbpf_arena *arena; /* owns everything that hangs on rules */
};

#endif
