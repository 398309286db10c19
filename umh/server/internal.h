/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file internal.h
 * Between the files of the table server.
 *
 * A failing function returns a negative errno and says in *why what the user
 * should hear; why->text is "" when the errno says it all.
 */
#ifndef XTBPF_SERVER_INTERNAL_H
#define XTBPF_SERVER_INTERNAL_H

#include "../ns.h"
#include "../server.h"

/* sizeof(struct xt_table_info) on 64 bit: part of the kernel's size limit. */
#define XTBPF_TABLE_INFO_SIZE 64
/* XT_MAX_TABLE_SIZE in net/netfilter/x_tables.c */
#define XTBPF_MAX_TABLE_SIZE (512u << 20)

static inline size_t xtbpf_entry_size(enum xtbpf_family family)
{
	return family == XTBPF_IPV4 ? 112 : 168; /* struct ipt_entry, ip6t_entry */
}

/* tables.c: the life of a namespace's tables */

/** A zeroed table that owns room for a blob of size bytes; NULL: no memory. */
struct xtbpf_table *xtbpf_table_alloc(uint32_t size);
void xtbpf_table_free(struct xtbpf_table *t);
static inline void xtbpf_cleanup_table(struct xtbpf_table **t)
{
	xtbpf_table_free(*t);
}
#define _cleanup_table_ __attribute__((cleanup(xtbpf_cleanup_table)))

/**
 * The table called name, created as the kernel does at its first use.
 * -ENOENT: there is no such table.
 */
int xtbpf_table_need(struct xtbpf_ns *ns, enum xtbpf_family family, const char *name,
		     struct xtbpf_table **out, struct xtbpf_reason *why);

/**
 * Put t (blob checked and t->rs lowered) in force and into ns. On success ns owns
 * t, and old[nold] holds the replaced table's last counters; nold must be its
 * number of entries (0: there was none). On failure nothing changed.
 */
int xtbpf_table_install(struct xtbpf_ns *ns, struct xtbpf_table *t, struct xt_counters *old,
			size_t nold, struct xtbpf_reason *why);

/* replace.c */
int xtbpf_replace(const struct xtbpf_request *req, struct xtbpf_reply *reply,
		  struct xtbpf_reason *why);

/* entries.c */

/**
 * The blob as GET_ENTRIES shows it, with these counters (one an entry). Bytes that
 * the kernel does not write are left alone. out: blob->size bytes.
 */
void xtbpf_entries_show(const struct xtbpf_blob *blob, const struct xt_counters *counters,
			uint8_t *out);

/* explain.c */

/** Remember the refusal in ns, log it, and put the user's text into reply. blob may be NULL. */
void xtbpf_explain(struct xtbpf_ns *ns, enum xtbpf_family family, const struct xtbpf_blob *blob,
		   const struct xtbpf_reason *why, struct xtbpf_reply *reply);
/** Fill a reason of the server's own; returns -err. */
int xtbpf_server_refuse(struct xtbpf_reason *why, int err, const char *table, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** Replace what must not reach a terminal by '?'. */
void xtbpf_printable(char *text);

/* limits.c */

/** -ENOMEM when blob in place of the table it replaces would take the owner of ns over a cap. */
int xtbpf_limits_check(const struct xtbpf_ns *ns, const struct xtbpf_blob *blob,
		       struct xtbpf_reason *why);

/* restore.c */

/** Before the tables of ns are looked at: take up what a former helper left. 0 or why not. */
int xtbpf_ns_ready(struct xtbpf_ns *ns, struct xtbpf_reason *why);

#endif
