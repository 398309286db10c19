/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file rule.h
 * One rule taken out of an unchecked blob: a copy that is safe to read.
 */
#ifndef XTBPF_RULETEXT_RULE_H
#define XTBPF_RULETEXT_RULE_H

#include <stdint.h>
#include <stdio.h>
#include <xtbpf/table.h>

/**
 * struct rule
 * @entry: copy of the whole entry, zeros behind it (extensions may read over the end)
 * @head: size of the family's entry struct, where matches start
 * @target: offset of the target; @size: next_offset
 * @chain: name of the chain it stands in; @jump: of the chain a verdict leads to, or ""
 */
struct rule {
	enum xtbpf_family family;
	uint8_t *entry;
	uint16_t head, target, size;
	char chain[XTBPF_NAME_LEN];
	char jump[XTBPF_NAME_LEN];
};

/** 0, -ENOENT (no such rule), -ENOMEM. rule->entry is the caller's. */
int xtbpf_rule_take(const struct xtbpf_blob *blob, uint32_t number, struct rule *rule);

/**
 * Print with libxtables' help (only in a process that may die of it) or without,
 * then just the names of matches and targets.
 */
void xtbpf_rule_print(const struct rule *rule, bool libxtables, FILE *to);

#endif
