/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file translator.h
 * The translator: bytes in, objects out. It makes no system calls, keeps no
 * state between calls and may be used from any thread.
 *
 *   blob -> xtbpf_ruleset_new (validate, lower) -> xtbpf_plan_make (placement)
 *        -> xtbpf_emit_decide / xtbpf_emit_early (BPF ELF objects)
 *   ruleset + packet -> xtbpf_eval (the plain C evaluator)
 *
 * All functions return 0 or a negative errno, and leave their out-parameters
 * untouched on failure. Where they take a struct xtbpf_reason, it says which
 * rule is to blame and why.
 */
#ifndef XTBPF_TRANSLATOR_H
#define XTBPF_TRANSLATOR_H

#include <xtbpf/table.h>

/**
 * struct xtbpf_reason - why a ruleset was refused
 * @err: the errno the client gets (positive), 0 when nothing was refused
 * @ours: true when the kernel would have accepted it and xtbpf does not;
 *        false when the kernel's own checks refuse it
 * @table, @chain: names; chain is "" when the blob is too broken to tell
 * @entry: index of the entry in the blob, -1 when no entry is to blame
 * @rule: the rule's number in its chain, from 1; 0 for a policy or none
 * @extension: match or target concerned, "" when none
 * @text: why, in words, without a trailing full stop
 */
struct xtbpf_reason {
	int err;
	bool ours;
	char table[XTBPF_NAME_LEN];
	char chain[XTBPF_NAME_LEN];
	int entry;
	unsigned int rule;
	char extension[XTBPF_NAME_LEN];
	char text[256];
};

/* ---- rulesets ------------------------------------------------------- */

struct xtbpf_ruleset; /* translator/ruleset.h has its inside */

/**
 * Check a blob as the kernel does (xt tables, SET_REPLACE steps 9 to 15: the
 * same checks in the same order with the same errnos) and lower it to a typed
 * ruleset. Sets, in blob->entries, every comefrom field to the kernel's
 * reachable-hook mask and every counter to 0, also when it then fails.
 * The ruleset borrows blob->entries: it must outlive *out.
 * What the kernel accepts and xtbpf cannot express is refused with -EOPNOTSUPP
 * (-ENOENT for an extension we do not have at all) and why->ours set.
 * The two kinds are told apart because the table server has checks of its
 * own between them: pass lower = false for the kernel's part alone.
 */
int xtbpf_ruleset_new(struct xtbpf_blob *blob, bool lower, struct xtbpf_ruleset **out,
		      struct xtbpf_reason *why);
void xtbpf_ruleset_free(struct xtbpf_ruleset *rs);

/**
 * IPT_SO_GET_REVISION_MATCH / _TARGET. Returns 0 when the extension exists in
 * this revision, -ENOENT when its name is unknown, -EPROTONOSUPPORT otherwise
 * (net/netfilter/x_tables.c, xt_find_revision).
 */
int xtbpf_revision(enum xtbpf_family family, bool target, const char *name, uint8_t revision);

/* ---- environment and plan ------------------------------------------- */

enum xtbpf_attach { XTBPF_ATTACH_AUTO, XTBPF_ATTACH_NETFILTER, XTBPF_ATTACH_TC };
enum xtbpf_early { XTBPF_EARLY_AUTO, XTBPF_EARLY_OFF, XTBPF_EARLY_XDP, XTBPF_EARLY_TC };

/**
 * struct xtbpf_env - what the translator has to know of the machine
 * @netfilter_links: BPF_PROG_TYPE_NETFILTER links exist (kernel 6.4)
 * @attach, @early: what the user asked for
 */
struct xtbpf_env {
	bool netfilter_links;
	enum xtbpf_attach attach;
	enum xtbpf_early early;
};

/* Where a built-in chain decides. */
enum xtbpf_place {
	XTBPF_PLACE_NONE, /* the table has no chain there, or nothing to do (nat without rules) */
	XTBPF_PLACE_NETFILTER,	/* netfilter link at the table's hook and priority: exact */
	XTBPF_PLACE_TC_INGRESS, /* PREROUTING, INPUT, FORWARD without netfilter links: inexact */
	XTBPF_PLACE_TC_EGRESS,	/* OUTPUT, POSTROUTING without netfilter links: inexact */
};

/**
 * struct xtbpf_plan - where each built-in chain of one family decides, and early drop
 * @place: by table and hook
 * @early: early-drop programs are worth attaching: some chain on the way in can drop
 * @inexact: one line per known difference, "" terminated (all NULL when exact)
 */
struct xtbpf_plan {
	enum xtbpf_family family;
	enum xtbpf_place place[XTBPF_NTABLE][XTBPF_NHOOK];
	bool early;
	const char *inexact[8];
};

/**
 * tables[id] is NULL for a table that is not instantiated. Refuses (-EOPNOTSUPP)
 * what no place can do exactly enough.
 */
int xtbpf_plan_make(enum xtbpf_family family,
		    const struct xtbpf_ruleset *const tables[XTBPF_NTABLE],
		    const struct xtbpf_env *env, struct xtbpf_plan *out, struct xtbpf_reason *why);

/* ---- emission -------------------------------------------------------- */

enum xtbpf_prog_kind {
	XTBPF_PROG_NETFILTER,
	XTBPF_PROG_XDP,
	XTBPF_PROG_TC_INGRESS,
	XTBPF_PROG_TC_EGRESS,
};

/**
 * struct xtbpf_prog - one program in an object
 * @name: its symbol, unique in the object, a valid BPF object name (<= 15 chars)
 * @table, @hook: what it decides (meaningless for early-drop programs)
 * @skip: set by whoever has no use for it: not to be loaded
 */
struct xtbpf_prog {
	char name[16];
	enum xtbpf_prog_kind kind;
	enum xtbpf_table_id table;
	enum xtbpf_hook hook;
	bool skip;
};

/**
 * struct xtbpf_object - a relocatable BPF ELF object plus what to do with it
 * @elf: ET_REL, EM_BPF bytes with BTF; to be linked with the named runtime objects
 * @runtime: names of runtime objects (see xtbpf_runtime), NULL terminated
 * @insns: generated instructions, runtime not counted
 *
 * Maps that the loader must provide by bpf_map__reuse_fd, by name:
 *   "cnt_raw" ... "cnt_security": PERCPU_ARRAY, key u32 = entry index in that
 *       table's blob, value struct { u64 packets, bytes; };
 *   the per-namespace maps of the early-drop runtime (translator/bpf/env.h).
 * A map named so appears in the object only if it is used.
 */
struct xtbpf_object {
	void *elf;
	size_t size;
	const char *runtime[24];
	struct xtbpf_prog *progs;
	unsigned int nprogs;
	unsigned int insns;
};

void xtbpf_object_release(struct xtbpf_object *obj);

/**
 * The deciding programs of one table: one per built-in chain the plan places
 * (none at all for places NONE: then out->nprogs is 0 and elf NULL).
 */
int xtbpf_emit_decide(const struct xtbpf_ruleset *rs, const struct xtbpf_plan *plan,
		      struct xtbpf_object *out, struct xtbpf_reason *why);

/**
 * The early-drop programs of one family, over all its tables on the way in:
 * "early_xdp" and "early_tc". They drop, and count the whole traversal of, only
 * packets that the kernel would surely have dropped; everything else passes
 * without a trace.
 */
int xtbpf_emit_early(enum xtbpf_family family,
		     const struct xtbpf_ruleset *const tables[XTBPF_NTABLE],
		     const struct xtbpf_plan *plan, struct xtbpf_object *out,
		     struct xtbpf_reason *why);

/**
 * Runtime objects, compiled from translator/bpf/NAME.bpf.c at build time and
 * embedded. Returns the ELF bytes (static lifetime) or NULL for an unknown name.
 * Loaded by themselves by the helper: "gate_nf", "gate_xdp", "gate_tc".
 */
const void *xtbpf_runtime(const char *name, size_t *size);

/* ---- evaluator ------------------------------------------------------- */

/**
 * struct xtbpf_packet - one packet as it stands at a hook
 * @l3: the datagram from its IP header on, @len bytes (all of them readable)
 * @in, @out: device names, "" where there is none
 * @has_mac: it came in a frame of an Ethernet device, whose source address is @mac
 * @pkt_type: PACKET_HOST and so on, as in linux/if_packet.h
 * @in_group, @out_group: groups of the devices; @cpu: which runs
 * @time: seconds since 1970; @minutes_west: the kernel's time zone
 */
struct xtbpf_packet {
	const uint8_t *l3;
	uint32_t len;
	char in[16];
	char out[16];
	bool has_mac;
	uint8_t mac[6];
	uint8_t pkt_type;
	uint32_t in_group, out_group;
	uint32_t cpu;
	int64_t time;
	int minutes_west;
};

enum xtbpf_verdict { XTBPF_DROP, XTBPF_ACCEPT };

/**
 * struct xtbpf_path - what a packet did in one table
 * @hits: entry indices whose counters it raised, in order; @nhits of them, at
 *        most @cap (more are counted in @nhits but not stored)
 */
struct xtbpf_path {
	uint32_t *hits;
	uint32_t nhits;
	uint32_t cap;
};

/**
 * Run a packet through a table's built-in chain as ipt_do_table does
 * (net/ipv4/netfilter/ip_tables.c). path may be NULL. Never fails: a packet too
 * short for its own header is dropped without a count, as by hotdrop. Stateful
 * matches step on, so a ruleset with some is for one thread at a time.
 */
enum xtbpf_verdict xtbpf_eval(const struct xtbpf_ruleset *rs, enum xtbpf_hook hook,
			      const struct xtbpf_packet *pkt, struct xtbpf_path *path);

/* ---- introspection (reports, status, tests) --------------------------- */

/**
 * Chain name and rule number (0: policy or chain end) of a blob entry.
 * Returns -ENOENT when the entry is no rule (a chain head, or out of range).
 */
int xtbpf_ruleset_locate(const struct xtbpf_ruleset *rs, uint32_t entry, const char **chain,
			 unsigned int *rule);
uint32_t xtbpf_ruleset_entries(const struct xtbpf_ruleset *rs);

#endif
