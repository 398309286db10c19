/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file enforce.h
 * Rulesets onto the kernel's hooks, one struct xtbpf_enforce a namespace.
 *
 * Invariants
 *  COMMIT   The generation cell (one word in a pinned array map shared by all
 *           gates of the namespace) is the only commit point. Before it moves,
 *           every new program is loaded, verified and stored in the slots of the
 *           next generation's parity, and the blobs are on disk; after it moved
 *           nothing can fail.
 *  GATES    A link, once made, stays until its namespace goes: links run small
 *           gate programs that tail-call into slot [generation & 1].
 *  COUNTS   A table's old counters are read after a grace period from the flip.
 *  FOREIGN  No program, filter or chain that is not ours is ever replaced.
 */
#ifndef XTBPF_ENFORCE_H
#define XTBPF_ENFORCE_H

#include <json-c/json.h>

#include "ns.h"

struct xtbpf_enforce;
struct xtbpf_change;

/** Probe the running kernel once (netfilter links, tcx, ...). */
const struct xtbpf_env *xtbpf_env(void);
/** Options of the daemon; before the first xtbpf_env(). */
void xtbpf_env_set(enum xtbpf_attach attach, enum xtbpf_early early);

/** Maps, gates and interface watch for ns; or, when its pins exist, adopt them. */
int xtbpf_enforce_open(struct xtbpf_ns *ns, struct xtbpf_enforce **out, struct xtbpf_reason *why);
/** The generation now in force; 0 before the first commit. */
uint32_t xtbpf_enforce_generation(const struct xtbpf_enforce *e);

/**
 * Build, link, load and verify what `tables` (the family's tables after the
 * change) needs, of which `changed` is new; attach gates that are missing.
 * Nothing a packet meets changes. On success *out must be given to exactly one
 * of commit and abort. Errors: -EOPNOTSUPP, -ENOMEM, -E2BIG and what bpf() gives;
 * why says it in words, with the verifier's last lines.
 */
int xtbpf_enforce_prepare(struct xtbpf_enforce *e, enum xtbpf_family family,
			  enum xtbpf_table_id changed,
			  const struct xtbpf_ruleset *const tables[XTBPF_NTABLE],
			  struct xtbpf_change **out, struct xtbpf_reason *why);
/** The generation that commit will make current. */
uint32_t xtbpf_change_generation(const struct xtbpf_change *c);
/**
 * Flip, wait for a grace period, read the final counters of the replaced table
 * into old[n] (n: its entries; base counters included), free what nobody uses.
 * Cannot fail.
 */
void xtbpf_enforce_commit(struct xtbpf_change *c, struct xt_counters *old, size_t n);
void xtbpf_enforce_abort(struct xtbpf_change *c);

/**
 * After adopting: make the programs fit these rulesets, this build and its
 * options, keeping all counters and the generation. Does nothing when they do.
 */
int xtbpf_enforce_rebuild(struct xtbpf_enforce *e,
			  const struct xtbpf_ruleset *const tables[XTBPF_NFAMILY][XTBPF_NTABLE],
			  struct xtbpf_reason *why);

/** Live counters of a table, base included: n entries. */
int xtbpf_enforce_read(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		       struct xt_counters *out, size_t n);
/** SET_ADD_COUNTERS: adds to the base counters, which survive the helper. */
int xtbpf_enforce_add(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		      const struct xt_counters *add, size_t n);

/** Re-read namespace facts (interfaces, routes, sysctls) and attach/withdraw early drop to fit. */
void xtbpf_enforce_refresh(struct xtbpf_enforce *e);
/** For `xtbpf status`: hooks, links, programs, instruction counts, load times, early drops, notes. */
json_object *xtbpf_enforce_status(struct xtbpf_enforce *e);
/** Detach and unpin everything (namespace gone, or release). */
void xtbpf_enforce_destroy(struct xtbpf_enforce *e);
/** Close our handles and leave what is attached in force (helper stops). */
void xtbpf_enforce_leave(struct xtbpf_enforce *e);

#endif
