/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file internal.h
 * What the files of umh/enforce/ share. The way of a change is in change.c,
 * the state a restart finds in adopt.c; the rest are parts they use.
 *
 * Pins of a namespace, under <bpffs>/<inode>/:
 *   meta, gen, slots_nf, slots_xdp, slots_tc, env_*     one each
 *   cnt_4_filter_7, base_4_filter_7                     counters of the table as generation 7 set it
 *   link_nf_SLOT, link_tc_SLOT_IFINDEX, link_xdp_IFINDEX
 */
#ifndef XTBPF_ENFORCE_INTERNAL_H
#define XTBPF_ENFORCE_INTERNAL_H

#include <limits.h>
#include <linux/netfilter/x_tables.h>

#include "../../translator/bpf/env.h"
#include "../../translator/bpf/gate.h"
#include "../enforce.h"
#include "../load.h"

/* A prog array holds one program type: one array a type. */
enum slot_map { SLOTS_NF, SLOTS_XDP, SLOTS_TC, NSLOT_MAP };

enum env_map { ENV_DEV, ENV_LOCAL4, ENV_LOCAL6, ENV_STAT, ENV_CLOCK, NENV_MAP };

/**
 * struct counts - the counters of one table as one generation set it
 * @n: entries; 0: there are none
 * @cnt: per-CPU array the programs count in
 * @base: @n counters in shared memory that are added to it (ADD_COUNTERS)
 */
struct counts {
	uint32_t gen;
	uint32_t n;
	int cnt;
	struct xt_counters *base;
};

/**
 * struct slot - one slot of a prog array
 * @prog: what it runs now; prog.fd is -1 when it passes
 * @held: ids of the programs at both parities, 0: empty
 */
struct slot {
	struct xtbpf_loaded prog;
	uint32_t held[2];
};

struct link_ops;

/**
 * struct attachment - a gate on a hook
 * @fd: link; -1 for a clsact filter
 * @ifindex: 0 for netfilter
 * @priority: netfilter: the one it got
 */
struct attachment {
	struct attachment *next;
	const struct link_ops *ops;
	enum slot_map map;
	uint32_t slot;
	int fd;
	int ifindex;
	int priority;
};

/* Says in `xtbpf status` where a restart put us, and tells a foreign build apart. */
struct meta {
	uint64_t cookie; /* of the network namespace: inodes are used again, cookies are not */
	uint8_t build[24];
	uint32_t attach;
	uint32_t early;
};

struct xtbpf_watch;

struct xtbpf_enforce {
	struct xtbpf_ns *ns;
	char dir[PATH_MAX - 64];
	int gen_fd;
	uint32_t *gen; /* the generation cell */
	int slots_fd[NSLOT_MAP];
	int env_fd[NENV_MAP];
	int gate_fd[NSLOT_MAP][XTBPF_NSLOT]; /* loaded gates, -1: not yet */
	struct xtbpf_loaded pass[NSLOT_MAP]; /* fd -1: not yet */
	struct slot slots[NSLOT_MAP][XTBPF_NSLOT];
	struct counts counts[XTBPF_NFAMILY][XTBPF_NTABLE];
	struct attachment *links;
	struct xtbpf_watch *watch;
	bool early[XTBPF_NFAMILY]; /* early drop is wanted, wherever a device has a use for it */
	bool stale;	   /* adopted from another build or other options: wants a rebuild */
	char note[8][160]; /* for status: what is not as one would expect */
	unsigned int nnotes;
};

/* A program on its way into a slot; prog.fd -1: the slot is to pass. */
struct staged {
	enum slot_map map;
	uint32_t slot;
	struct xtbpf_loaded prog;
};

/* At most, in a rebuild: every hook of every table in every kind of slot, and two early programs. */
#define MAX_STAGED (NSLOT_MAP * XTBPF_NTABLE * XTBPF_NHOOK + 2)

struct xtbpf_change {
	struct xtbpf_enforce *e;
	enum xtbpf_family family;
	enum xtbpf_table_id table;
	uint32_t gen;
	struct counts counts;
	struct staged staged[MAX_STAGED];
	unsigned int nstaged;
	bool early; /* as in struct xtbpf_enforce, when committed */
	bool awake; /* devices have just been read */
};

/* enforce.c */
void enforce_note(struct xtbpf_enforce *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** Fill why unless somebody did already; returns err. */
int enforce_why(struct xtbpf_reason *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void enforce_free(struct xtbpf_enforce *e);
void enforce_tick(struct xtbpf_enforce *e);

/* pins.c: names are relative to the namespace's directory */
int pins_dir(struct xtbpf_enforce *e, bool create);
int pins_set(struct xtbpf_enforce *e, int fd, const char *name);
int pins_get(struct xtbpf_enforce *e, const char *name);
void pins_remove(struct xtbpf_enforce *e, const char *name);
int pins_each(struct xtbpf_enforce *e, void (*fn)(struct xtbpf_enforce *e, const char *name));
void pins_remove_all(struct xtbpf_enforce *e);

/* maps.c */
int maps_create(struct xtbpf_enforce *e, struct xtbpf_reason *why);
int maps_adopt(struct xtbpf_enforce *e);
int maps_map_gen(struct xtbpf_enforce *e);
/** The maps a generated program may name, but for its counters; returns how many (<= NENV_MAP). */
size_t maps_env(const struct xtbpf_enforce *e, struct xtbpf_load_map *out);

/* clock.c */
/** Tell programs how far the kernel's clock is from TAI, and its time zone. */
void clock_write(const struct xtbpf_enforce *e);
extern const char *const slot_map_name[NSLOT_MAP];
extern const char *const gate_name[NSLOT_MAP];

/* counts.c */
int counts_create(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		  uint32_t gen, uint32_t n, struct counts *out);
int counts_adopt(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		 uint32_t gen, struct counts *out);
int counts_read(const struct counts *c, struct xt_counters *out, size_t n);
void counts_close(struct counts *c);
void counts_remove(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		   struct counts *c);

/* slots.c */
int slots_open(struct xtbpf_enforce *e, struct xtbpf_reason *why);
/** Write prog (pass if its fd is -1) into a slot of a parity; nothing if it is there already. */
int slots_put(struct xtbpf_enforce *e, enum slot_map map, uint32_t slot, unsigned int parity,
	      const struct xtbpf_loaded *prog);
void slots_adopt(struct xtbpf_enforce *e);
bool slot_used(const struct slot *s);

/* links.c */
/**
 * struct link_ops - how one kind of hook takes a gate
 * @attach: with the thread in the namespace; fills fd and what else is known, 0 or negative errno
 * @detach: before fd is closed and unpinned; NULL: closing does it
 */
struct link_ops {
	const char *name;
	bool pinned;
	int (*attach)(struct xtbpf_enforce *e, struct attachment *a, int gate_fd);
	void (*detach)(struct xtbpf_enforce *e, struct attachment *a);
};
extern const struct link_ops link_nf, link_xdp, link_tcx, link_clsact;

int gate_get(struct xtbpf_enforce *e, enum slot_map map, uint32_t slot, struct xtbpf_reason *why);
struct attachment *link_find(struct xtbpf_enforce *e, enum slot_map map, uint32_t slot,
			     int ifindex);
/** Attach a gate; the thread must be in the namespace. */
int link_attach(struct xtbpf_enforce *e, const struct link_ops *ops, enum slot_map map,
		uint32_t slot, int ifindex, struct xtbpf_reason *why);
void link_detach(struct xtbpf_enforce *e, struct attachment *a);
void link_adopt(struct xtbpf_enforce *e, const char *name);
void links_leave(struct xtbpf_enforce *e);
/** Netfilter gates for every slot that has or gets a program. */
int links_netfilter(struct xtbpf_enforce *e, const struct xtbpf_change *c,
		    struct xtbpf_reason *why);
bool slot_is_egress(uint32_t slot);

/* devices.c */
/** Gates on devices, as the slots and the devices there are want it. */
int devices_sync(struct xtbpf_enforce *e, const struct xtbpf_change *c, struct xtbpf_reason *why);
/**
 * Kinds of early-drop programs (a mask of 1 << enum slot_map) that the devices there
 * are, freshly read, have a use for. 0 or a negative errno.
 */
int devices_kinds(struct xtbpf_enforce *e, unsigned int *kinds);
/** Some chain decides on devices: a new one must not wait for its gates. */
bool devices_decide(struct xtbpf_enforce *e);
/** True: the kernel has no tcx (found out at the first try). */
extern bool devices_no_tcx;
json_object *devices_status(struct xtbpf_enforce *e);
struct buses;
struct device;
/** Others' filters see this device's packets too; the thread must be in the namespace. */
bool devices_foreign(struct xtbpf_enforce *e, struct buses *b, const struct device *d);

/* change.c */
int change_stage(struct xtbpf_change *c, enum slot_map map, uint32_t slot,
		 const struct xtbpf_loaded *prog);
/** Early-drop programs of the kinds that devices now want, for the rules in force. */
int change_reload_early(struct xtbpf_enforce *e);
const struct staged *change_staged(const struct xtbpf_change *c, enum slot_map map, uint32_t slot);

/* adopt.c */
int enforce_adopt(struct xtbpf_enforce *e, struct xtbpf_reason *why);
int meta_now(struct xtbpf_enforce *e, struct meta *m);
/** Record that what is attached comes from this build with these options. */
int meta_write(struct xtbpf_enforce *e);

#endif
