// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rulesets: made step by step (build.h), asked, thrown away. */
#include "arena.h"
#include "build.h"
#include "cleanup.h"

#include <errno.h>

static int build(struct xtbpf_build *b, bool lower)
{
	int err;

	err = xtbpf_blob_check(b);
	if (!err)
		err = xtbpf_chains_find(b);
	if (!err)
		err = xtbpf_blob_walk(b);
	if (!err)
		err = xtbpf_blob_lookup(b);
	if (!err && lower)
		err = xtbpf_lower(b);
	return err;
}

int xtbpf_ruleset_new(struct xtbpf_blob *blob, bool lower, struct xtbpf_ruleset **out,
		      struct xtbpf_reason *why)
{
	struct xtbpf_ruleset *rs = calloc(1, sizeof(*rs));
	struct xtbpf_build b = { .blob = blob, .rs = rs, .why = why };
	int err;

	if (!rs)
		return -ENOMEM;
	rs->blob = blob;
	rs->family = blob->family;
	rs->table = blob->table;
	rs->arena = xtbpf_arena_new();
	err = rs->arena ? build(&b, lower) : -ENOMEM;
	if (err) {
		xtbpf_ruleset_free(rs);
		return err;
	}
	*out = rs;
	return 0;
}

void xtbpf_ruleset_free(struct xtbpf_ruleset *rs)
{
	if (!rs)
		return;
	xtbpf_arena_free(rs->arena);
	free(rs);
}

int xtbpf_ruleset_locate(const struct xtbpf_ruleset *rs, uint32_t entry, const char **chain,
			 unsigned int *rule)
{
	const struct xtbpf_entry *e;

	if (entry >= rs->nentries)
		return -ENOENT;
	e = &rs->entries[entry];
	if (e->head || e->chain == XTBPF_NO_CHAIN)
		return -ENOENT;
	*chain = rs->chains[e->chain].name;
	*rule = e->number;
	return 0;
}

uint32_t xtbpf_ruleset_entries(const struct xtbpf_ruleset *rs)
{
	return rs->nentries;
}
