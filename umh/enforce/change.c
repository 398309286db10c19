/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of a change: counters, programs, slots of the next parity, gates;
 * then one store into the generation cell; then what the old generation leaves.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>

#include "../cleanup.h"
#include "../log.h"
#include "internal.h"

#define MAX_PROGS 16

static const struct xtbpf_loaded passing = { .fd = -1 };

/* ---- staging --------------------------------------------------------- */

const struct staged *change_staged(const struct xtbpf_change *c, enum slot_map map, uint32_t slot)
{
	for (unsigned int i = 0; i < c->nstaged; i++)
		if (c->staged[i].map == map && c->staged[i].slot == slot)
			return &c->staged[i];
	return NULL;
}

/* Takes over prog->fd when it succeeds. */
int change_stage(struct xtbpf_change *c, enum slot_map map, uint32_t slot,
		 const struct xtbpf_loaded *prog)
{
	struct staged *have = (struct staged *)change_staged(c, map, slot);

	if (!have) {
		if (c->nstaged == MAX_STAGED)
			return -E2BIG;
		have = &c->staged[c->nstaged++];
		*have = (struct staged){ .map = map, .slot = slot, .prog = passing };
	}
	xtbpf_cleanup_fd(&have->prog.fd);
	have->prog = *prog;
	return 0;
}

static enum slot_map map_of(enum xtbpf_prog_kind kind)
{
	switch (kind) {
	case XTBPF_PROG_NETFILTER:
		return SLOTS_NF;
	case XTBPF_PROG_XDP:
		return SLOTS_XDP;
	default:
		return SLOTS_TC;
	}
}

/* Load obj and stage its programs: early ones at the family's early slots. */
static int stage_object(struct xtbpf_change *c, const struct xtbpf_object *obj, bool early,
			const struct xtbpf_load_map *maps, size_t nmaps, struct xtbpf_reason *why)
{
	struct xtbpf_loaded progs[MAX_PROGS];
	int err;

	if (!obj->nprogs)
		return 0;
	if (obj->nprogs > MAX_PROGS)
		return -E2BIG;
	err = xtbpf_load(obj, maps, nmaps, progs, why);
	if (err)
		return err;
	for (unsigned int i = 0; i < obj->nprogs; i++) {
		const struct xtbpf_prog *p = &obj->progs[i];
		uint32_t slot = early ? (uint32_t)XTBPF_SLOT_EARLY(c->family)
				      : (uint32_t)XTBPF_SLOT(c->family, p->table, p->hook);

		if (!err && !p->skip)
			err = change_stage(c, map_of(p->kind), slot, &progs[i]);
		if (err)
			xtbpf_cleanup_fd(&progs[i].fd);
	}
	return err;
}

/* The family's counters after the change, as maps for programs. */
static size_t count_maps(const struct xtbpf_change *c, const struct xtbpf_ruleset *const *tables,
			 struct xtbpf_load_map *out)
{
	static const char *const name[XTBPF_NTABLE] = { "cnt_raw", "cnt_mangle", "cnt_nat",
							"cnt_filter", "cnt_security" };
	size_t n = 0;

	for (int t = 0; t < XTBPF_NTABLE; t++) {
		const struct counts *have = &c->e->counts[c->family][t];

		if (c->counts.n && t == (int)c->table)
			have = &c->counts;
		if (have->n && tables[t])
			out[n++] = (struct xtbpf_load_map){ name[t], have->cnt };
	}
	return n;
}

/* Whatever the old generation had in the table's slots passes unless it is staged again. */
static int stage_passes(struct xtbpf_change *c, enum xtbpf_table_id table)
{
	int err = 0;

	for (int map = 0; map < NSLOT_MAP; map++) {
		for (int hook = 0; hook < XTBPF_NHOOK; hook++) {
			uint32_t slot = (uint32_t)XTBPF_SLOT(c->family, table, hook);

			if (!err && slot_used(&c->e->slots[map][slot]))
				err = change_stage(c, (enum slot_map)map, slot, &passing);
		}
	}
	return err;
}

static int change_decide(struct xtbpf_change *c, const struct xtbpf_ruleset *const *tables,
			 enum xtbpf_table_id table, const struct xtbpf_plan *plan,
			 struct xtbpf_reason *why)
{
	__attribute__((cleanup(xtbpf_object_release))) struct xtbpf_object obj = { 0 };
	struct xtbpf_load_map maps[NENV_MAP + XTBPF_NTABLE];
	size_t nmaps = maps_env(c->e, maps);
	int err = stage_passes(c, table);

	nmaps += count_maps(c, tables, maps + nmaps);
	if (!err && tables[table])
		err = xtbpf_emit_decide(tables[table], plan, &obj, why);
	if (!err)
		err = stage_object(c, &obj, false, maps, nmaps, why);
	return err;
}

static void skip_kinds(struct xtbpf_object *obj, unsigned int kinds)
{
	for (unsigned int i = 0; i < obj->nprogs; i++)
		obj->progs[i].skip = !(kinds & 1u << map_of(obj->progs[i].kind));
}

static int load_early(struct xtbpf_change *c, const struct xtbpf_ruleset *const *tables,
		      const struct xtbpf_plan *plan, unsigned int kinds, struct xtbpf_reason *why)
{
	__attribute__((cleanup(xtbpf_object_release))) struct xtbpf_object obj = { 0 };
	struct xtbpf_load_map maps[NENV_MAP + XTBPF_NTABLE];
	size_t nmaps = maps_env(c->e, maps);
	int err;

	nmaps += count_maps(c, tables, maps + nmaps);
	err = xtbpf_emit_early(c->family, tables, plan, &obj, why);
	if (err)
		return err;
	skip_kinds(&obj, kinds);
	return stage_object(c, &obj, true, maps, nmaps, why);
}

/*
 * Early drop is a shortcut: without it everything is still decided, so it may
 * fail. Only the kinds that some device has a use for are loaded; when others
 * come, so do their programs (change_reload_early).
 */
static int change_early(struct xtbpf_change *c, const struct xtbpf_ruleset *const *tables,
			const struct xtbpf_plan *plan)
{
	unsigned int kinds = 1u << SLOTS_XDP | 1u << SLOTS_TC;
	uint32_t slot = (uint32_t)XTBPF_SLOT_EARLY(c->family);
	struct xtbpf_reason why = { 0 };
	int err = 0;

	for (int map = SLOTS_XDP; map <= SLOTS_TC; map++)
		if (!err && slot_used(&c->e->slots[map][slot]))
			err = change_stage(c, (enum slot_map)map, slot, &passing);
	if (err || !plan->early)
		return err;
	c->awake = !devices_kinds(c->e, &kinds);
	c->early = true;
	if (kinds)
		err = load_early(c, tables, plan, kinds, &why);
	if (err) {
		c->early = false;
		enforce_note(c->e, "no early drop for IPv%c: %s",
			     c->family == XTBPF_IPV4 ? '4' : '6',
			     why.text[0] ? why.text : strerror(-err));
		xtbpf_log(XTBPF_WARN, "no early drop: %s", why.text[0] ? why.text : strerror(-err));
	}
	return err == -ENOMEM ? err : 0;
}

/* ---- slots ----------------------------------------------------------- */

/* The slots of a parity that get a program, or those that are to pass. */
static int fill_slots(struct xtbpf_change *c, unsigned int parity, bool pass)
{
	struct xtbpf_enforce *e = c->e;

	for (int map = 0; map < NSLOT_MAP; map++) {
		for (uint32_t slot = 0; slot < XTBPF_NSLOT; slot++) {
			const struct staged *st = change_staged(c, (enum slot_map)map, slot);
			const struct xtbpf_loaded *prog =
				st ? &st->prog : &e->slots[map][slot].prog;
			int err;

			if ((!st && !slot_used(&e->slots[map][slot])) || pass != (prog->fd < 0))
				continue;
			err = slots_put(e, (enum slot_map)map, slot, parity, prog);
			if (err)
				return err;
		}
	}
	return 0;
}

/*
 * Make a parity complete: the staged programs, and everybody else's current ones.
 * What passes comes last: a rebuild fills the parity in force, and when a chain moves
 * to another hook, a packet in between shall meet it twice rather than never.
 */
static int fill_parity(struct xtbpf_change *c, unsigned int parity)
{
	int err = fill_slots(c, parity, false);

	return err ? err : fill_slots(c, parity, true);
}

/* The staged programs become what the slots run. */
static void adopt_staged(struct xtbpf_change *c)
{
	for (unsigned int i = 0; i < c->nstaged; i++) {
		struct staged *st = &c->staged[i];
		struct slot *s = &c->e->slots[st->map][st->slot];

		xtbpf_cleanup_fd(&s->prog.fd);
		s->prog = st->prog;
		st->prog.fd = -1;
	}
	c->nstaged = 0;
}

static void change_free(struct xtbpf_change *c)
{
	for (unsigned int i = 0; i < c->nstaged; i++)
		xtbpf_cleanup_fd(&c->staged[i].prog.fd);
	free(c);
}

/* ---- the interface --------------------------------------------------- */

static int build(struct xtbpf_change *c, const struct xtbpf_ruleset *const *tables,
		 struct xtbpf_reason *why)
{
	struct xtbpf_plan plan;
	int err = xtbpf_plan_make(c->family, tables, xtbpf_env(), &plan, why);

	if (!err)
		err = counts_create(c->e, c->family, c->table, c->gen,
				    xtbpf_ruleset_entries(tables[c->table]), &c->counts);
	if (!err)
		err = change_decide(c, tables, c->table, &plan, why);
	if (!err)
		err = change_early(c, tables, &plan);
	if (!err)
		err = fill_parity(c, c->gen & 1);
	if (!err)
		err = links_netfilter(c->e, c, why);
	if (!err)
		err = devices_sync(c->e, c, why);
	return err;
}

int xtbpf_enforce_prepare(struct xtbpf_enforce *e, enum xtbpf_family family,
			  enum xtbpf_table_id changed,
			  const struct xtbpf_ruleset *const tables[XTBPF_NTABLE],
			  struct xtbpf_change **out, struct xtbpf_reason *why)
{
	struct xtbpf_change *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	*c = (struct xtbpf_change){
		.e = e, .family = family, .table = changed, .gen = *e->gen + 1
	};
	/* 0 is "no generation yet", also after four billion changes */
	if (!c->gen)
		c->gen = 2;
	err = build(c, tables, why);
	if (err) {
		xtbpf_enforce_abort(c);
		return enforce_why(why, err, "%s", strerror(-err));
	}
	*out = c;
	return 0;
}

uint32_t xtbpf_change_generation(const struct xtbpf_change *c)
{
	return c->gen;
}

void xtbpf_enforce_abort(struct xtbpf_change *c)
{
	struct xtbpf_enforce *e = c->e;

	/* the next parity is not looked at by anybody; putting it back frees the programs */
	for (unsigned int i = 0; i < c->nstaged; i++)
		if (slot_used(&e->slots[c->staged[i].map][c->staged[i].slot]))
			slots_put(e, c->staged[i].map, c->staged[i].slot, c->gen & 1,
				  &e->slots[c->staged[i].map][c->staged[i].slot].prog);
	counts_remove(e, c->family, c->table, &c->counts);
	change_free(c);
}

/*
 * Every packet that may have seen the old generation is through: hooks run under
 * rcu_read_lock, and the global membarrier is synchronize_rcu
 * (kernel/sched/membarrier.c). It refuses under nohz_full, and does nothing at all on
 * a single CPU, where a sender may still be preempted in OUTPUT; then wait longer
 * than any packet stays in a hook.
 */
static void grace_period(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1 &&
	    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0)
		return;
	usleep(50000);
}

void xtbpf_enforce_commit(struct xtbpf_change *c, struct xt_counters *old, size_t n)
{
	struct xtbpf_enforce *e = c->e;
	struct counts *now = &e->counts[c->family][c->table];
	int err = 0;

	__atomic_store_n(e->gen, c->gen, __ATOMIC_SEQ_CST);
	grace_period();
	if (old && n) {
		memset(old, 0, n * sizeof(*old));
		err = now->n ? counts_read(now, old, n < now->n ? n : now->n) : 0;
	}
	if (err)
		xtbpf_log(XTBPF_ERR, "old counters are lost: %s", strerror(-err));
	counts_remove(e, c->family, c->table, now);
	*now = c->counts;
	e->early[c->family] = c->early;
	adopt_staged(c);
	/* nobody looks at the old parity any more: let go of the old programs */
	if (fill_parity(c, ~c->gen & 1))
		xtbpf_log(XTBPF_DEBUG, "old programs stay until the next change");
	change_free(c);
}

/* ---- rebuilding after a restart -------------------------------------- */

/* Programs for the rules that are in force already: the other parity follows. */
static int go_over(struct xtbpf_change *c)
{
	grace_period();
	c->e->early[c->family] = c->early;
	adopt_staged(c);
	return fill_parity(c, ~*c->e->gen & 1);
}

static int rebuild_family(struct xtbpf_enforce *e, enum xtbpf_family family,
			  const struct xtbpf_ruleset *const *tables, struct xtbpf_reason *why)
{
	struct xtbpf_change *c = calloc(1, sizeof(*c));
	struct xtbpf_plan plan;
	int err;

	if (!c)
		return -ENOMEM;
	*c = (struct xtbpf_change){
		.e = e, .family = family, .table = XTBPF_NTABLE, .gen = *e->gen
	};
	err = xtbpf_plan_make(family, tables, xtbpf_env(), &plan, why);
	for (int t = 0; !err && t < XTBPF_NTABLE; t++) {
		struct counts *have = &e->counts[family][t];
		uint32_t n = tables[t] ? xtbpf_ruleset_entries(tables[t]) : 0;

		if (n && have->n != n) {
			counts_remove(e, family, (enum xtbpf_table_id)t, have);
			err = counts_create(e, family, (enum xtbpf_table_id)t, *e->gen, n, have);
		}
		if (!err)
			err = change_decide(c, tables, (enum xtbpf_table_id)t, &plan, why);
	}
	if (!err)
		err = change_early(c, tables, &plan);
	/* gates first: what moves from one hook to another must be met at the new one */
	if (!err)
		err = links_netfilter(e, c, why);
	if (!err)
		err = devices_sync(e, c, why);
	/* the same rules in new programs: each slot may go over by itself */
	if (!err)
		err = fill_parity(c, *e->gen & 1);
	if (!err)
		err = go_over(c);
	change_free(c);
	return err;
}

static int reload_family(struct xtbpf_enforce *e, enum xtbpf_family family)
{
	struct xtbpf_change *c = calloc(1, sizeof(*c));
	const struct xtbpf_ruleset *tables[XTBPF_NTABLE] = { 0 };
	struct xtbpf_reason why = { 0 };
	struct xtbpf_plan plan;
	int err;

	if (!c)
		return -ENOMEM;
	*c = (struct xtbpf_change){
		.e = e, .family = family, .table = XTBPF_NTABLE, .gen = *e->gen
	};
	for (int t = 0; t < XTBPF_NTABLE; t++)
		tables[t] = e->ns->tables[family][t] ? e->ns->tables[family][t]->rs : NULL;
	err = xtbpf_plan_make(family, tables, xtbpf_env(), &plan, &why);
	if (!err)
		err = change_early(c, tables, &plan);
	if (!err)
		err = fill_parity(c, *e->gen & 1);
	if (!err)
		err = go_over(c);
	change_free(c);
	return err;
}

int change_reload_early(struct xtbpf_enforce *e)
{
	int err = 0;

	for (int f = 0; f < XTBPF_NFAMILY; f++)
		if (!err && e->early[f])
			err = reload_family(e, (enum xtbpf_family)f);
	return err;
}

/* The same rules in the same programs as before the restart: is early drop part of it? */
static void recall_early(struct xtbpf_enforce *e, enum xtbpf_family family,
			 const struct xtbpf_ruleset *const *tables)
{
	struct xtbpf_reason why = { 0 };
	struct xtbpf_plan plan;

	if (!xtbpf_plan_make(family, tables, xtbpf_env(), &plan, &why))
		e->early[family] = plan.early;
}

int xtbpf_enforce_rebuild(struct xtbpf_enforce *e,
			  const struct xtbpf_ruleset *const tables[XTBPF_NFAMILY][XTBPF_NTABLE],
			  struct xtbpf_reason *why)
{
	bool stale = e->stale;

	for (int f = 0; f < XTBPF_NFAMILY; f++) {
		bool differs = e->stale, any = false;
		int err;

		for (int t = 0; t < XTBPF_NTABLE; t++) {
			uint32_t n = tables[f][t] ? xtbpf_ruleset_entries(tables[f][t]) : 0;

			any |= n || e->counts[f][t].n;
			differs |= n != e->counts[f][t].n;
		}
		if (!any || !differs) {
			recall_early(e, (enum xtbpf_family)f, tables[f]);
			continue;
		}
		err = rebuild_family(e, (enum xtbpf_family)f, tables[f], why);
		if (err)
			return enforce_why(why, err, "%s", strerror(-err));
	}
	if (!stale && devices_sync(e, NULL, why)) {
		xtbpf_log(XTBPF_WARN, "%s", why->text);
		why->text[0] = '\0';
	}
	return stale ? meta_write(e) : 0;
}
