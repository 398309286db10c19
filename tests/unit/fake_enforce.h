/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An enforcement that only counts, in place of umh/enforce.c: the linker takes
 * these definitions and leaves the archive's member out. Include it in one file
 * of a test program.
 */
#ifndef FAKE_ENFORCE_H
#define FAKE_ENFORCE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "umh/enforce.h"

#define FAKE_MAX 64

struct fake_counts {
	size_t n;
	struct xt_counters c[FAKE_MAX];
};

struct xtbpf_enforce {
	uint32_t generation;
	struct fake_counts counts[XTBPF_NFAMILY][XTBPF_NTABLE];
};

struct xtbpf_change {
	enum xtbpf_family family;
	enum xtbpf_table_id table;
	size_t entries;
};

/* What lives in the kernel: there is one namespace, and it survives "restarts". */
static struct xtbpf_enforce fake_kernel;
static int fake_prepare_error, fake_open_error;
static int fake_open_changes; /* prepared and neither committed nor aborted */

int xtbpf_enforce_open(struct xtbpf_ns *ns, struct xtbpf_enforce **out, struct xtbpf_reason *why)
{
	if (fake_open_error)
		return fake_open_error;
	*out = &fake_kernel;
	return 0;
}

uint32_t xtbpf_enforce_generation(const struct xtbpf_enforce *e)
{
	return e->generation;
}

int xtbpf_enforce_prepare(struct xtbpf_enforce *e, enum xtbpf_family family,
			  enum xtbpf_table_id changed,
			  const struct xtbpf_ruleset *const tables[XTBPF_NTABLE],
			  struct xtbpf_change **out, struct xtbpf_reason *why)
{
	struct xtbpf_change *c;

	if (fake_prepare_error)
		return fake_prepare_error;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->family = family;
	c->table = changed;
	c->entries = xtbpf_ruleset_entries(tables[changed]);
	fake_open_changes++;
	*out = c;
	return 0;
}

uint32_t xtbpf_change_generation(const struct xtbpf_change *c)
{
	return fake_kernel.generation + 1;
}

void xtbpf_enforce_commit(struct xtbpf_change *c, struct xt_counters *old, size_t n)
{
	struct fake_counts *f = &fake_kernel.counts[c->family][c->table];

	for (size_t i = 0; i < n && i < f->n; i++)
		old[i] = f->c[i];
	memset(f, 0, sizeof(*f));
	f->n = c->entries;
	fake_kernel.generation++;
	fake_open_changes--;
	free(c);
}

void xtbpf_enforce_abort(struct xtbpf_change *c)
{
	fake_open_changes--;
	free(c);
}

int xtbpf_enforce_read(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		       struct xt_counters *out, size_t n)
{
	memcpy(out, e->counts[family][table].c, n * sizeof(*out));
	return 0;
}

int xtbpf_enforce_add(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		      const struct xt_counters *add, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		e->counts[family][table].c[i].pcnt += add[i].pcnt;
		e->counts[family][table].c[i].bcnt += add[i].bcnt;
	}
	return 0;
}

int xtbpf_enforce_rebuild(struct xtbpf_enforce *e,
			  const struct xtbpf_ruleset *const tables[XTBPF_NFAMILY][XTBPF_NTABLE],
			  struct xtbpf_reason *why)
{
	return 0;
}

void xtbpf_enforce_destroy(struct xtbpf_enforce *e)
{
	memset(e, 0, sizeof(*e));
}

void xtbpf_enforce_leave(struct xtbpf_enforce *e)
{
}

#endif
