// SPDX-License-Identifier: GPL-2.0-only
/* The life of a namespace's tables: first use, exchange, end. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../translator/ruleset.h"
#include "../cleanup.h"
#include "../enforce.h"
#include "../store.h"

struct xtbpf_table *xtbpf_table_alloc(uint32_t size)
{
	struct xtbpf_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->blob.entries = malloc(size ? size : 1);
	if (!t->blob.entries) {
		free(t);
		return NULL;
	}
	t->blob.size = size;
	return t;
}

void xtbpf_table_free(struct xtbpf_table *t)
{
	if (!t)
		return;
	xtbpf_ruleset_free(t->rs);
	xtbpf_blob_release(&t->blob);
	free(t);
}

void xtbpf_tables_release(struct xtbpf_ns *ns)
{
	for (int f = 0; f < XTBPF_NFAMILY; f++) {
		for (int id = 0; id < XTBPF_NTABLE; id++) {
			xtbpf_table_free(ns->tables[f][id]);
			ns->tables[f][id] = NULL;
		}
	}
	free(ns->why_text);
	ns->why_text = NULL;
}

/*
 * nat is asked once a connection and needs the kernel's NAT: until xtbpf drives
 * that, the table exists (clients list it, users of five tables expect it) but
 * holds no rules. Nothing is attached for it and its counters stay 0, where the
 * kernel would count each connection's first packet in the policies.
 */
static int check_nat(const struct xtbpf_table *t, struct xtbpf_reason *why)
{
	const struct xtbpf_ruleset *rs = t->rs;

	if (t->blob.table != XTBPF_NAT)
		return 0;
	for (unsigned int c = 0; c < rs->nchains; c++) {
		const struct xtbpf_chain *chain = &rs->chains[c];

		for (unsigned int r = 0; r < chain->nrules; r++) {
			const struct xtbpf_rule *rule = &chain->rules[r];
			bool policy = rule->number == 0;

			if (policy &&
			    (chain->hook == XTBPF_NHOOK || rule->action == XTBPF_A_ACCEPT))
				continue;
			xtbpf_server_refuse(why, EOPNOTSUPP, "nat", "%s are not supported yet",
					    policy ? "nat policies other than ACCEPT"
						   : "nat rules");
			memcpy(why->chain, chain->name, sizeof(why->chain));
			why->entry = (int)rule->entry;
			why->rule = rule->number;
			return -EOPNOTSUPP;
		}
	}
	return 0;
}

/*
 * What bpf() and friends say means nothing to a client of ip_tables, or the
 * wrong thing (EINVAL: look at dmesg; EPERM: be root).
 */
static int client_errno(int err)
{
	switch (err) {
	case -ENOMEM:
	case -EOPNOTSUPP:
	case -ENOENT:
		return err;
	default:
		return -EOPNOTSUPP;
	}
}

static int failed(struct xtbpf_reason *why, int err, const struct xtbpf_table *t, const char *what)
{
	const char *table = xtbpf_table_def(t->blob.table)->name;
	int out = client_errno(err);

	if (!why->text[0])
		return xtbpf_server_refuse(why, -out, table, "%s: %s", what, strerror(-err));
	why->err = -out;
	why->ours = true;
	if (!why->table[0])
		strcpy(why->table, table);
	return out;
}

int xtbpf_table_install(struct xtbpf_ns *ns, struct xtbpf_table *t, struct xt_counters *old,
			size_t nold, struct xtbpf_reason *why)
{
	enum xtbpf_family family = t->blob.family;
	struct xtbpf_table **slot = &ns->tables[family][t->blob.table];
	const struct xtbpf_ruleset *tables[XTBPF_NTABLE] = { 0 };
	struct xtbpf_change *change;
	uint32_t gen;
	int err;

	err = check_nat(t, why);
	if (!err)
		err = xtbpf_limits_check(ns, &t->blob, why);
	if (err)
		return err;
	if (!ns->enforce) {
		err = xtbpf_enforce_open(ns, &ns->enforce, why);
		if (err)
			return failed(why, err, t, "BPF maps cannot be set up");
	}
	for (int id = 0; id < XTBPF_NTABLE; id++)
		tables[id] = ns->tables[family][id] ? ns->tables[family][id]->rs : NULL;
	tables[t->blob.table] = t->rs;
	err = xtbpf_enforce_prepare(ns->enforce, family, t->blob.table, tables, &change, why);
	if (err)
		return failed(why, err, t, "BPF programs cannot be loaded");
	gen = xtbpf_change_generation(change);
	err = xtbpf_store_save(ns, gen, &t->blob);
	if (err) {
		xtbpf_enforce_abort(change);
		return failed(why, -ENOMEM, t, "state cannot be written to the run directory");
	}
	xtbpf_enforce_commit(change, old, nold);
	t->seq = *slot ? (*slot)->seq : ns->ntables++;
	xtbpf_table_free(*slot);
	*slot = t;
	xtbpf_store_prune(ns->ino, gen);
	return 0;
}

/* iptable_*_table_init: made at first use, because its policies count from then on. */
static int instantiate(struct xtbpf_ns *ns, enum xtbpf_family family, enum xtbpf_table_id id,
		       struct xtbpf_reason *why)
{
	_cleanup_table_ struct xtbpf_table *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	err = xtbpf_blob_initial(family, id, &t->blob);
	if (!err)
		err = xtbpf_ruleset_new(&t->blob, true, &t->rs, why);
	if (!err)
		err = xtbpf_table_install(ns, t, NULL, 0, why);
	if (!err)
		xtbpf_steal_ptr(&t);
	return err;
}

int xtbpf_table_need(struct xtbpf_ns *ns, enum xtbpf_family family, const char *name,
		     struct xtbpf_table **out, struct xtbpf_reason *why)
{
	enum xtbpf_table_id id = xtbpf_table_find(name);
	int err;

	if (id == XTBPF_NTABLE)
		return -ENOENT;
	err = xtbpf_ns_ready(ns, why);
	if (err)
		return err;
	if (!ns->tables[family][id]) {
		err = instantiate(ns, family, id, why);
		if (err)
			return err;
	}
	*out = ns->tables[family][id];
	return 0;
}
