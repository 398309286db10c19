/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file table.h
 * The five iptables tables as both rooms know them: ids, hooks, priorities,
 * and a table's blob as it travels in IPT_SO_SET_REPLACE.
 *
 * Source of behaviour: net/ipv4/netfilter/iptable_*.c (valid hooks),
 * include/uapi/linux/netfilter_ipv4.h (priorities).
 */
#ifndef XTBPF_TABLE_H
#define XTBPF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xtbpf_family {
	XTBPF_IPV4,
	XTBPF_IPV6,
	XTBPF_NFAMILY,
};

/* In the order in which the kernel consults them at one hook. */
enum xtbpf_table_id {
	XTBPF_RAW,
	XTBPF_MANGLE,
	XTBPF_NAT,
	XTBPF_FILTER,
	XTBPF_SECURITY,
	XTBPF_NTABLE,
};

/* Same numbers as NF_INET_*. */
enum xtbpf_hook {
	XTBPF_PREROUTING,
	XTBPF_INPUT,
	XTBPF_FORWARD,
	XTBPF_OUTPUT,
	XTBPF_POSTROUTING,
	XTBPF_NHOOK,
};

#define XTBPF_NAME_LEN 32	  /* table and chain names, NUL included */
#define XTBPF_NO_HOOK 0xffffffffu /* hook_entry[] and underflow[] of an unused hook */

/**
 * struct xtbpf_table_def - what the kernel fixes about a table
 * @name: as in "iptables -t NAME"
 * @valid_hooks: bit h set: the table has a built-in chain at hook h
 * @priority: netfilter priority at each hook (same for both families);
 *            meaningful only for valid hooks
 */
struct xtbpf_table_def {
	const char *name;
	uint32_t valid_hooks;
	int priority[XTBPF_NHOOK];
};

/**
 * The definition of a table. Never NULL: XTBPF_NTABLE, which stands for a name
 * that no table has (its blob is judged before its name), has no name and no hooks.
 */
const struct xtbpf_table_def *xtbpf_table_def(enum xtbpf_table_id id);

/** The table called name, or XTBPF_NTABLE if there is none. */
enum xtbpf_table_id xtbpf_table_find(const char *name);

/** "PREROUTING" ... "POSTROUTING"; hook must be < XTBPF_NHOOK. */
const char *xtbpf_hook_name(enum xtbpf_hook hook);

/**
 * struct xtbpf_blob - a table's rules as struct ipt_replace / ip6t_replace carries them
 * @entries: @size bytes of ipt_entry / ip6t_entry records, 8-byte aligned, host byte order
 * @hook_entry, @underflow: byte offsets into @entries, XTBPF_NO_HOOK for hooks not in @valid_hooks
 *
 * Whoever fills a blob owns @entries (xtbpf_blob_release frees it).
 */
struct xtbpf_blob {
	enum xtbpf_family family;
	enum xtbpf_table_id table;
	uint32_t valid_hooks;
	uint32_t num_entries;
	uint32_t size;
	uint32_t hook_entry[XTBPF_NHOOK];
	uint32_t underflow[XTBPF_NHOOK];
	void *entries;
};

/**
 * The table as the kernel creates it at its first use: every chain empty,
 * policy ACCEPT. Returns 0 or -ENOMEM; *out untouched on failure.
 */
int xtbpf_blob_initial(enum xtbpf_family family, enum xtbpf_table_id table, struct xtbpf_blob *out);

/** Frees blob->entries and clears *blob. */
void xtbpf_blob_release(struct xtbpf_blob *blob);

#endif
