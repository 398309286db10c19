/* SPDX-License-Identifier: GPL-2.0-only */
/* What `xtbpf status` shows of a namespace. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../cleanup.h"
#include "../watch/watch.h"
#include "internal.h"

static void add(json_object *to, const char *key, json_object *value)
{
	json_object_object_add(to, key, value);
}

static json_object *program_status(const struct xtbpf_loaded *p)
{
	json_object *o = json_object_new_object();

	add(o, "id", json_object_new_int64(p->id));
	add(o, "instructions", json_object_new_int64(p->insns));
	add(o, "jited_bytes", json_object_new_int64(p->jited));
	if (p->load_us)
		add(o, "load_us", json_object_new_int64(p->load_us));
	return o;
}

static const char *place_name(enum slot_map map, uint32_t slot)
{
	if (map == SLOTS_NF)
		return "netfilter";
	return slot_is_egress(slot) ? "tc egress" : "tc ingress";
}

static json_object *hooks_status(struct xtbpf_enforce *e)
{
	json_object *list = json_object_new_array();

	for (uint32_t slot = 0; slot < XTBPF_SLOT_EARLY(0); slot++) {
		for (int map = 0; map < NSLOT_MAP; map++) {
			const struct slot *s = &e->slots[map][slot];
			struct attachment *a = link_find(e, (enum slot_map)map, slot, 0);
			enum xtbpf_table_id table = (enum xtbpf_table_id)(slot / 5 % XTBPF_NTABLE);
			json_object *o;

			if (s->prog.fd < 0)
				continue;
			o = json_object_new_object();
			add(o, "family",
			    json_object_new_string(slot < XTBPF_SLOT(XTBPF_IPV6, 0, 0) ? "ipv4"
										       : "ipv6"));
			add(o, "table", json_object_new_string(xtbpf_table_def(table)->name));
			add(o, "hook",
			    json_object_new_string(xtbpf_hook_name((enum xtbpf_hook)(slot % 5))));
			add(o, "place",
			    json_object_new_string(place_name((enum slot_map)map, slot)));
			if (map == SLOTS_NF)
				add(o, "attached", json_object_new_boolean(a != NULL));
			if (a)
				add(o, "priority", json_object_new_int(a->priority));
			add(o, "program", program_status(&s->prog));
			json_object_array_add(list, o);
		}
	}
	return list;
}

static uint64_t stat_sum(struct xtbpf_enforce *e, uint32_t key)
{
	int ncpu = libbpf_num_possible_cpus();
	_cleanup_free_ uint64_t *values = ncpu > 0 ? calloc((size_t)ncpu, sizeof(*values)) : NULL;
	uint64_t sum = 0;

	if (!values || bpf_map_lookup_elem(e->env_fd[ENV_STAT], &key, values))
		return 0;
	for (int i = 0; i < ncpu; i++)
		sum += values[i];
	return sum;
}

static json_object *early_status(struct xtbpf_enforce *e)
{
	static const char *const family[] = { "ipv4", "ipv6" };
	json_object *o = json_object_new_object();

	for (int f = 0; f < XTBPF_NFAMILY; f++) {
		const struct slot *xdp = &e->slots[SLOTS_XDP][XTBPF_SLOT_EARLY(f)];
		const struct slot *tc = &e->slots[SLOTS_TC][XTBPF_SLOT_EARLY(f)];
		json_object *one;

		if (xdp->prog.fd < 0 && tc->prog.fd < 0)
			continue;
		one = json_object_new_object();
		add(one, "state",
		    json_object_new_string(watch_state(e->watch, (enum xtbpf_family)f)));
		if (xdp->prog.fd >= 0)
			add(one, "xdp", program_status(&xdp->prog));
		if (tc->prog.fd >= 0)
			add(one, "tc", program_status(&tc->prog));
		add(o, family[f], one);
	}
	add(o, "xdp_drops", json_object_new_uint64(stat_sum(e, XTBPF_STAT_XDP_DROP)));
	add(o, "tc_drops", json_object_new_uint64(stat_sum(e, XTBPF_STAT_TC_DROP)));
	return o;
}

/* What the placement of the tables there are does not do as the kernel would. */
static json_object *inexact_status(struct xtbpf_enforce *e)
{
	json_object *list = json_object_new_array();

	for (int f = 0; f < XTBPF_NFAMILY; f++) {
		const struct xtbpf_ruleset *tables[XTBPF_NTABLE] = { 0 };
		struct xtbpf_reason why = { 0 };
		struct xtbpf_plan plan;

		for (int t = 0; t < XTBPF_NTABLE; t++)
			if (e->ns->tables[f][t])
				tables[t] = e->ns->tables[f][t]->rs;
		if (xtbpf_plan_make((enum xtbpf_family)f, tables, xtbpf_env(), &plan, &why))
			continue;
		for (int i = 0; plan.inexact[i]; i++)
			json_object_array_add(list, json_object_new_string(plan.inexact[i]));
		if (plan.inexact[0])
			break; /* the same for both families */
	}
	return list;
}

json_object *xtbpf_enforce_status(struct xtbpf_enforce *e)
{
	json_object *o = json_object_new_object();
	json_object *notes = json_object_new_array();

	add(o, "generation", json_object_new_int64(xtbpf_enforce_generation(e)));
	add(o, "hooks", hooks_status(e));
	add(o, "early", early_status(e));
	add(o, "devices", devices_status(e));
	for (unsigned int i = 0; i < e->nnotes; i++)
		json_object_array_add(notes, json_object_new_string(e->note[i]));
	add(o, "notes", notes);
	add(o, "inexact", inexact_status(e));
	return o;
}
