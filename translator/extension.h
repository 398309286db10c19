/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file extension.h
 * One extension = one file in match/ or target/ + one row in extension.c + one
 * test. The generic part of a kernel extension (table, hooks, protocol, size)
 * is data here, what is special about it are the three functions.
 */
#ifndef XTBPF_EXTENSION_H
#define XTBPF_EXTENSION_H

#include "ruleset.h"

/* Which lists of x_tables an extension is registered in. */
enum xtbpf_ext_family { XTBPF_EXT_IPV4, XTBPF_EXT_IPV6, XTBPF_EXT_UNSPEC };

/**
 * struct xtbpf_ext_ctx - the rule around a match or target, for check functions
 * @proto, @proto_inverted: of the rule's IP part (IPv6: only with IP6T_F_PROTO set is it evaluated)
 * @hooks: hooks the rule can be reached from (comefrom)
 */
struct xtbpf_ext_ctx {
	enum xtbpf_family family;
	enum xtbpf_table_id table;
	uint16_t proto;
	bool proto_inverted;
	bool proto_evaluated;
	uint32_t hooks;
};

/* Grows a rule's predicate list; opaque, see ruleset.c. */
struct xtbpf_lower;

/**
 * Append a predicate; NULL when memory is out (then lower() returns -ENOMEM). Zeroed.
 * The pointer is good until the next one is appended.
 */
struct xtbpf_pred *xtbpf_lower_pred(struct xtbpf_lower *low, enum xtbpf_pred_kind kind,
				    bool invert);
/** Room for n ranges of a XTBPF_P_RANGES predicate, owned by the ruleset. NULL: no memory. */
struct xtbpf_range *xtbpf_lower_ranges(struct xtbpf_lower *low, struct xtbpf_pred *pred,
				       unsigned int n);
/** field in [lo, hi], fields of up to 4 bytes; canonical (see ruleset.h). 0 or -ENOMEM. */
int xtbpf_lower_range(struct xtbpf_lower *low, enum xtbpf_field field, uint32_t lo, uint32_t hi,
		      bool invert);
/** Some of n ranges, lo <= hi each; canonical. 0 or -ENOMEM. */
int xtbpf_lower_any(struct xtbpf_lower *low, const struct xtbpf_range *range, unsigned int n,
		    bool invert);
/** (field & mask) == value over len bytes in field order; canonical. 0 or -ENOMEM. */
int xtbpf_lower_bits(struct xtbpf_lower *low, enum xtbpf_field field, const void *value,
		     const void *mask, size_t len, bool invert);
/** An address (16 bytes, network order) in [lo, hi]; canonical. 0 or -ENOMEM. */
int xtbpf_lower_wide(struct xtbpf_lower *low, enum xtbpf_field field, const void *lo,
		     const void *hi, bool invert);
/** A field of one byte is in a set: bit v of set[v / 8]; canonical. 0 or -ENOMEM. */
int xtbpf_lower_set(struct xtbpf_lower *low, enum xtbpf_field field, const uint8_t set[32],
		    bool invert);
/** XTBPF_P_FIRST, then XTBPF_P_NEED with hotdrop: what most transport matches start with. */
int xtbpf_lower_head(struct xtbpf_lower *low, uint8_t need);
/** A guard without arguments (XTBPF_P_FIRST, XTBPF_P_BADOPT). 0 or -ENOMEM. */
int xtbpf_lower_guard(struct xtbpf_lower *low, enum xtbpf_pred_kind kind);
/** The XTBPF_P_NEED guard. 0 or -ENOMEM. */
int xtbpf_lower_need(struct xtbpf_lower *low, uint8_t need, bool hotdrop);
/** XTBPF_P_CALL; data (to->size bytes) is copied. 0 or -ENOMEM. */
int xtbpf_lower_call(struct xtbpf_lower *low, const struct xtbpf_callee *to, const void *data,
		     bool invert);
/** The XTBPF_P_L4 guard. 0 or -ENOMEM. */
int xtbpf_lower_l4(struct xtbpf_lower *low, uint8_t need, bool frag1_hotdrop);
/** A predicate that never holds. 0 or -ENOMEM. */
int xtbpf_lower_never(struct xtbpf_lower *low);
/** Refuse the rule: printf-like reason. Returns -EOPNOTSUPP. */
int xtbpf_lower_refuse(struct xtbpf_lower *low, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Packet as the evaluator sees it: thoff and fragoff as in struct xt_action_param. */
struct xtbpf_eval_pkt {
	enum xtbpf_family family;
	const struct xtbpf_packet *pkt;
	uint32_t thoff;
	uint16_t fragoff;
	bool hotdrop;	 /* set by a match that cannot be evaluated */
	uint64_t *state; /* of the match being evaluated, see struct xtbpf_match_ref */
};
/** len bytes at off of the datagram, or NULL when they are not all there (skb_header_pointer). */
const uint8_t *xtbpf_eval_bytes(const struct xtbpf_eval_pkt *p, uint32_t off, uint32_t len);

/**
 * struct xtbpf_match_ops - one revision of one match
 * @size: aligned payload size the kernel demands (match_size - 32)
 * @usersize: leading payload bytes that GET_ENTRIES returns (0: all)
 * @table: only in this table (NULL: any); @hooks: allowed hooks (0: all); @proto: demanded (0: any)
 * @check: the kernel's checkentry; 0 or negative errno; NULL: nothing to check
 * @lower: append the predicates for this payload; NULL: none needed (always true)
 * @evaluate: the match itself on a raw packet, independent of lower; NULL: always true
 * @stateful: evaluate keeps something from packet to packet
 */
struct xtbpf_match_ops {
	const char *name;
	enum xtbpf_ext_family family;
	uint8_t revision;
	uint16_t size;
	uint16_t usersize;
	const char *table;
	uint32_t hooks;
	uint16_t proto;
	int (*check)(const struct xtbpf_ext_ctx *ctx, const void *data);
	int (*lower)(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low);
	bool (*evaluate)(struct xtbpf_eval_pkt *pkt, const void *data);
	bool stateful;
};

/* Targets besides the standard ones ("" and ERROR, which ruleset.c knows). */
struct xtbpf_target_ops {
	const char *name;
	enum xtbpf_ext_family family;
	uint8_t revision;
	uint16_t size;
	uint16_t usersize;
	const char *table;
	uint32_t hooks;
	uint16_t proto;
	int (*check)(const struct xtbpf_ext_ctx *ctx, const void *data);
	int (*lower)(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low);
};

/**
 * x_tables' lookup: the family's list, then the UNSPEC list. 0 and *out, or
 * -ENOENT (unknown name, or other revisions only in the family list),
 * -EPROTOTYPE (other revisions only, in the UNSPEC list).
 */
int xtbpf_match_find(enum xtbpf_family family, const char *name, uint8_t revision,
		     const struct xtbpf_match_ops **out);
int xtbpf_target_find(enum xtbpf_family family, const char *name, uint8_t revision,
		      const struct xtbpf_target_ops **out);

#endif
