// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SET_REPLACE step 14c: from which hooks each entry can be reached, and that no
 * path comes back to itself; mark_source_chains in
 * net/ipv4/netfilter/ip_tables.c. The kernel keeps its way back in the entries'
 * counters; here it is an array, so that a failure leaves clean counters.
 */
#include "build.h"
#include "cleanup.h"

#include <errno.h>

#define ON_PATH (1u << XTBPF_NHOOK)

/**
 * struct walk - a depth-first walk from one hook
 * @back: for entries on the path, the entry before; the first is its own
 * @marks: by entry: hooks that reach it, ON_PATH
 */
struct walk {
	struct xtbpf_build *b;
	uint32_t *back;
	uint8_t *marks;
	uint32_t pos;
};

static int loop(struct walk *w, const char *what)
{
	return xtbpf_refuse(w->b->why, w->b->rs, (int)w->pos, -ELOOP, false, "%s", what);
}

/* Leave branches that are done. False: the way back ended at the hook. */
static bool backtrack(struct walk *w)
{
	uint32_t old;

	do {
		w->marks[w->pos] &= (uint8_t)~ON_PATH;
		old = w->pos;
		w->pos = w->back[old];
		if (w->pos == old)
			return false;
	} while (old == w->pos + 1);
	return true;
}

static int follow(struct walk *w, int64_t next, const char *what)
{
	if (next < 0 || next >= w->b->rs->nentries)
		return loop(w, what);
	w->back[next] = w->pos;
	w->pos = (uint32_t)next;
	return 0;
}

/* One entry. 1: the walk is over. */
static int step(struct walk *w, unsigned int hook)
{
	const struct xtbpf_ruleset *rs = w->b->rs;
	struct xtbpf_view v = xtbpf_entry_view(w->b->blob, rs->entries[w->pos].offset);
	struct xtbpf_target t = xtbpf_entry_target(&v);
	bool standard = t.kind == XTBPF_T_STANDARD;
	bool visited = w->marks[w->pos] & 1u << hook;

	if (w->marks[w->pos] & ON_PATH)
		return loop(w, "the rules loop back to this one");
	w->marks[w->pos] |= (uint8_t)(1u << hook | ON_PATH);
	if (visited || (standard && t.verdict < 0 && xtbpf_entry_unconditional(&v))) {
		if (!backtrack(w))
			return 1;
		return follow(w, (int64_t)w->pos + 1, "the rules run off the end of the table");
	}
	if (standard && t.verdict >= 0)
		return follow(w, xtbpf_entry_find(rs, t.verdict), "jumps to where no entry starts");
	return follow(w, (int64_t)w->pos + 1, "the rules run off the end of the table");
}

static int walk_hooks(struct walk *w)
{
	const struct xtbpf_blob *blob = w->b->blob;
	unsigned int h;
	int ret;

	for (h = 0; h < XTBPF_NHOOK; h++) {
		if (!(blob->valid_hooks & 1u << h))
			continue;
		w->pos = (uint32_t)xtbpf_entry_find(w->b->rs, blob->hook_entry[h]);
		w->back[w->pos] = w->pos;
		do
			ret = step(w, h);
		while (ret == 0);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int xtbpf_blob_walk(struct xtbpf_build *b)
{
	XTBPF_AUTO_FREE uint32_t *back = calloc((size_t)b->rs->nentries + 1, sizeof(*back));
	XTBPF_AUTO_FREE uint8_t *marks = calloc((size_t)b->rs->nentries + 1, sizeof(*marks));
	struct walk w = { .b = b, .back = back, .marks = marks };
	uint32_t i;
	int err;

	if (!back || !marks)
		return xtbpf_refuse(b->why, b->rs, -1, -ENOMEM, false, "out of memory");
	err = walk_hooks(&w);
	for (i = 0; i < b->rs->nentries; i++) {
		struct xtbpf_view v = xtbpf_entry_view(b->blob, b->rs->entries[i].offset);

		*v.comefrom = marks[i] & ~ON_PATH;
	}
	for (i = 0; i < b->rs->nchains; i++) {
		struct xtbpf_chain *c = &b->rs->chains[i];

		c->reach = c->first_entry < b->rs->nentries ? marks[c->first_entry] & ~ON_PATH : 0;
	}
	return err;
}
