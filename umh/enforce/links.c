/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gates and what they hang on. A link is pinned as soon as it exists: should the
 * helper die in between, it goes with the helper and nothing counted on it yet.
 */
#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

#include "../bpfsys.h"
#include "../cleanup.h"
#include "../log.h"
#include "internal.h"

#define PRIORITY_TRIES 10

bool slot_is_egress(uint32_t slot)
{
	return slot < XTBPF_SLOT_EARLY(0) && slot % 5 >= XTBPF_OUTPUT;
}

int gate_get(struct xtbpf_enforce *e, enum slot_map map, uint32_t slot, struct xtbpf_reason *why)
{
	const struct xtbpf_load_map maps[] = {
		{ "gen", e->gen_fd },
		{ "slots", e->slots_fd[map] },
	};
	int fd = e->gate_fd[map][slot];

	if (fd >= 0)
		return fd;
	fd = xtbpf_load_gate(gate_name[map], slot, maps, 2, why);
	if (fd >= 0)
		e->gate_fd[map][slot] = fd;
	return fd;
}

/* ---- netfilter ------------------------------------------------------- */

static bool other_tables_priority(enum xtbpf_table_id table, enum xtbpf_hook hook, int priority)
{
	for (int t = 0; t < XTBPF_NTABLE; t++) {
		const struct xtbpf_table_def *def = xtbpf_table_def((enum xtbpf_table_id)t);

		if (t != (int)table && (def->valid_hooks & 1u << hook) &&
		    def->priority[hook] == priority)
			return true;
	}
	return false;
}

/*
 * A BPF link wants its priority for itself (net/netfilter/core.c,
 * nf_hook_entries_grow): where another hook has it, take the next one up, which
 * still comes after the same tables and before the next ones.
 */
static int attach_nf(struct xtbpf_enforce *e, struct attachment *a, int gate_fd)
{
	enum xtbpf_hook hook = (enum xtbpf_hook)(a->slot % 5);
	enum xtbpf_table_id table = (enum xtbpf_table_id)(a->slot / 5 % XTBPF_NTABLE);
	uint32_t pf = a->slot >= XTBPF_SLOT(XTBPF_IPV6, 0, 0) ? NFPROTO_IPV6 : NFPROTO_IPV4;
	int first = xtbpf_table_def(table)->priority[hook];
	int fd = -EBUSY;

	for (int p = first; p < first + PRIORITY_TRIES; p++) {
		if (other_tables_priority(table, hook, p))
			break;
		fd = xtbpf_bpf_link_netfilter(gate_fd, pf, hook, p);
		if (fd != -EBUSY) {
			a->priority = p;
			break;
		}
	}
	if (fd < 0)
		return fd;
	if (a->priority != first)
		enforce_note(e, "%s %s: priority %d is taken by somebody else, ours is %d",
			     xtbpf_table_def(table)->name, xtbpf_hook_name(hook), first,
			     a->priority);
	a->fd = fd;
	return 0;
}

const struct link_ops link_nf = { .name = "netfilter", .pinned = true, .attach = attach_nf };

/* ---- the list -------------------------------------------------------- */

static void pin_name(const struct attachment *a, char out[64])
{
	if (a->map == SLOTS_NF)
		snprintf(out, 64, "link_nf_%u", a->slot);
	else if (a->map == SLOTS_XDP)
		snprintf(out, 64, "link_xdp_%d", a->ifindex);
	else
		snprintf(out, 64, "link_tc_%u_%d", a->slot, a->ifindex);
}

struct attachment *link_find(struct xtbpf_enforce *e, enum slot_map map, uint32_t slot, int ifindex)
{
	for (struct attachment *a = e->links; a; a = a->next)
		if (a->map == map && a->slot == slot && a->ifindex == ifindex)
			return a;
	return NULL;
}

int link_attach(struct xtbpf_enforce *e, const struct link_ops *ops, enum slot_map map,
		uint32_t slot, int ifindex, struct xtbpf_reason *why)
{
	int gate = gate_get(e, map, slot, why);
	struct attachment *a;
	char name[64];
	int err;

	if (gate < 0)
		return gate;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	*a = (struct attachment){
		.ops = ops, .map = map, .slot = slot, .ifindex = ifindex, .fd = -1
	};
	err = ops->attach(e, a, gate);
	if (!err && ops->pinned) {
		pin_name(a, name);
		err = pins_set(e, a->fd, name);
	}
	if (err) {
		xtbpf_cleanup_fd(&a->fd);
		free(a);
		return err;
	}
	a->next = e->links;
	e->links = a;
	return 0;
}

void link_detach(struct xtbpf_enforce *e, struct attachment *a)
{
	struct attachment **at = &e->links;
	char name[64];

	while (*at && *at != a)
		at = &(*at)->next;
	if (*at)
		*at = a->next;
	if (a->ops->detach)
		a->ops->detach(e, a);
	if (a->ops->pinned) {
		pin_name(a, name);
		pins_remove(e, name);
	}
	xtbpf_cleanup_fd(&a->fd);
	free(a);
}

/* Close our handles; pins (and filters) keep them attached. */
void links_leave(struct xtbpf_enforce *e)
{
	while (e->links) {
		struct attachment *a = e->links;

		e->links = a->next;
		xtbpf_cleanup_fd(&a->fd);
		free(a);
	}
}

/* A pinned link: take it back, or clear it away when its device is gone. */
void link_adopt(struct xtbpf_enforce *e, const char *name)
{
	struct attachment a = { .fd = -1 };
	struct xtbpf_link info;
	struct attachment *kept;

	if (sscanf(name, "link_nf_%u", &a.slot) == 1) {
		a.map = SLOTS_NF;
		a.ops = &link_nf;
	} else if (sscanf(name, "link_tc_%u_%d", &a.slot, &a.ifindex) == 2) {
		a.map = SLOTS_TC;
		a.ops = &link_tcx;
	} else if (sscanf(name, "link_xdp_%d", &a.ifindex) == 1) {
		a.map = SLOTS_XDP;
		a.slot = XTBPF_SLOT_EARLY(XTBPF_IPV4);
		a.ops = &link_xdp;
	} else {
		return;
	}
	a.fd = pins_get(e, name);
	if (a.fd < 0 || a.slot >= XTBPF_NSLOT || xtbpf_bpf_link_info(a.fd, &info) ||
	    (a.ifindex && info.ifindex != (uint32_t)a.ifindex)) {
		xtbpf_cleanup_fd(&a.fd);
		pins_remove(e, name);
		return;
	}
	a.priority = info.priority;
	kept = malloc(sizeof(*kept));
	if (!kept) {
		xtbpf_cleanup_fd(&a.fd);
		return;
	}
	a.next = e->links;
	*kept = a;
	e->links = kept;
}

/* ---- netfilter gates for what is decided there ----------------------- */

struct nf_job {
	struct xtbpf_enforce *e;
	const struct xtbpf_change *c;
	struct xtbpf_reason *why;
};

static bool wants_link(const struct nf_job *job, uint32_t slot)
{
	const struct staged *st = job->c ? change_staged(job->c, SLOTS_NF, slot) : NULL;

	if (link_find(job->e, SLOTS_NF, slot, 0))
		return false;
	return (st && st->prog.fd >= 0) || job->e->slots[SLOTS_NF][slot].prog.fd >= 0;
}

static int attach_missing(void *arg)
{
	struct nf_job *job = arg;

	for (uint32_t slot = 0; slot < XTBPF_SLOT_EARLY(0); slot++) {
		int err;

		if (!wants_link(job, slot))
			continue;
		err = link_attach(job->e, &link_nf, SLOTS_NF, slot, 0, job->why);
		if (err)
			return enforce_why(job->why, err, "netfilter link at %s: %s",
					   xtbpf_hook_name((enum xtbpf_hook)(slot % 5)),
					   strerror(-err));
	}
	return 0;
}

int links_netfilter(struct xtbpf_enforce *e, const struct xtbpf_change *c, struct xtbpf_reason *why)
{
	struct nf_job job = { .e = e, .c = c, .why = why };

	return xtbpf_ns_enter(e->ns->fd, attach_missing, &job);
}
