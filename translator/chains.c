// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which entry belongs to which chain, and its number in it, as iptables numbers
 * them: a built-in chain starts at its hook's entry, a user chain behind the
 * ERROR entry that names it, both end where the next chain starts. The kernel
 * knows no chains, only offsets; a blob may be anything but chains.
 */
#include "arena.h"
#include "build.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>

static unsigned int hook_at(const struct xtbpf_blob *blob, uint32_t offset)
{
	unsigned int h;

	for (h = 0; h < XTBPF_NHOOK; h++)
		if (blob->valid_hooks & 1u << h && blob->hook_entry[h] == offset)
			break;
	return h;
}

/* A user chain's name, from the text of its ERROR entry. */
static void chain_name(const struct xtbpf_view *v, struct xtbpf_chain *c)
{
	char text[XT_FUNCTION_MAXNAMELEN];

	memcpy(text, v->at + v->target_offset + offsetof(struct xt_error_target, errorname),
	       sizeof(text));
	snprintf(c->name, sizeof(c->name), "%.*s", (int)sizeof(text), text);
}

static int chains_alloc(struct xtbpf_ruleset *rs, const struct xtbpf_blob *blob)
{
	unsigned int h, n = 0;

	rs->chains =
		xtbpf_arena_alloc(rs->arena, (size_t)XTBPF_NHOOK + rs->nheads, sizeof(*rs->chains));
	if (!rs->chains)
		return -ENOMEM;
	for (h = 0; h < XTBPF_NHOOK; h++) {
		struct xtbpf_chain *c = &rs->chains[n];

		rs->base[h] = -1;
		if (!(blob->valid_hooks & 1u << h))
			continue;
		rs->base[h] = (int)n++;
		c->hook = h;
		snprintf(c->name, sizeof(c->name), "%s", xtbpf_hook_name(h));
	}
	rs->nchains = n;
	return 0;
}

/* The chain's end is its policy or its RETURN, not a rule with a number. */
static void number_end(struct xtbpf_ruleset *rs, uint32_t last)
{
	struct xtbpf_entry *e = &rs->entries[last];
	struct xtbpf_view v = xtbpf_entry_view(rs->blob, e->offset);
	struct xtbpf_target t = xtbpf_entry_target(&v);

	if (!e->head && e->chain != XTBPF_NO_CHAIN && t.kind == XTBPF_T_STANDARD && t.verdict < 0 &&
	    xtbpf_entry_unconditional(&v))
		e->number = 0;
}

int xtbpf_chains_find(struct xtbpf_build *b)
{
	struct xtbpf_ruleset *rs = b->rs;
	uint32_t chain = XTBPF_NO_CHAIN;
	unsigned int number = 0;
	uint32_t i;

	if (chains_alloc(rs, b->blob) < 0)
		return xtbpf_refuse(b->why, rs, -1, -ENOMEM, false, "out of memory");
	for (i = 0; i < rs->nentries; i++) {
		struct xtbpf_entry *e = &rs->entries[i];
		unsigned int hook = hook_at(b->blob, e->offset);

		if (i > 0 && (hook < XTBPF_NHOOK || e->head))
			number_end(rs, i - 1);
		if (hook < XTBPF_NHOOK) {
			chain = (uint32_t)rs->base[hook];
			rs->chains[chain].first_entry = i;
			number = 0;
		}
		if (e->head && i + 1 < rs->nentries) {
			struct xtbpf_view v = xtbpf_entry_view(b->blob, e->offset);

			chain = rs->nchains++;
			rs->chains[chain].hook = XTBPF_NHOOK;
			rs->chains[chain].first_entry = i + 1;
			chain_name(&v, &rs->chains[chain]);
			number = 0;
		}
		e->chain = chain;
		e->number = e->head ? 0 : ++number;
		if (e->head && i + 1 == rs->nentries)
			e->chain = XTBPF_NO_CHAIN;
	}
	if (rs->nentries)
		number_end(rs, rs->nentries - 1);
	return 0;
}
