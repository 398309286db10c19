/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file entry.h
 * One look at struct ipt_entry and struct ip6t_entry, whose heads differ only
 * in size and in the IP part.
 */
#ifndef XTBPF_ENTRY_H
#define XTBPF_ENTRY_H

#include "ruleset.h"

#include <linux/netfilter/x_tables.h>

/**
 * struct xtbpf_view - where things are in one entry
 * @at: struct ipt_entry or ip6t_entry in the blob
 * @head: its size: where matches start
 */
struct xtbpf_view {
	uint8_t *at;
	uint16_t head;
	uint16_t target_offset;
	uint16_t next_offset;
	uint16_t proto;
	uint8_t flags;
	uint8_t invflags;
	bool is_goto;
	uint32_t *comefrom;
	struct xt_counters *counters;
};

enum xtbpf_target_kind { XTBPF_T_STANDARD, XTBPF_T_ERROR, XTBPF_T_EXTENSION };

/**
 * struct xtbpf_target - a target's head
 * @size: as it says itself
 * @name: cut after 29 bytes; @named: a NUL was among them
 * @verdict: of a standard target, else 0
 */
struct xtbpf_target {
	enum xtbpf_target_kind kind;
	uint16_t size;
	char name[XT_EXTENSION_MAXNAMELEN + 1];
	bool named;
	uint8_t revision;
	int32_t verdict;
};

/** Size of the family's entry head. */
uint16_t xtbpf_entry_head(enum xtbpf_family family);

/** The entry at offset; the caller has made sure that its head lies in the blob. */
struct xtbpf_view xtbpf_entry_view(const struct xtbpf_blob *blob, uint32_t offset);

/** Its target, whose 32-byte head must lie in the entry. Verdict and text are not looked at. */
struct xtbpf_target xtbpf_entry_target_head(const struct xtbpf_view *v);

/** The target of an entry that has passed xtbpf_blob_check, with its verdict. */
struct xtbpf_target xtbpf_entry_target(const struct xtbpf_view *v);

/** All of the IP part zero, and no matches. */
bool xtbpf_entry_unconditional(const struct xtbpf_view *v);

/** Index of the entry that starts at offset, or -1. */
int xtbpf_entry_find(const struct xtbpf_ruleset *rs, int64_t offset);

#endif
