// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SET_REPLACE steps 9 to 14b: the shape of entries and hooks, as
 * check_entry_size_and_hooks in net/ipv4/netfilter/ip_tables.c and
 * xt_check_entry_offsets, xt_check_table_hooks in net/netfilter/x_tables.c.
 * Blobs are hostile: nothing is read before it is known to lie in the blob.
 */
#include "arena.h"
#include "build.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#define ENTRY_ALIGN 8

static int invalid(struct xtbpf_build *b, int entry, uint32_t offset, const char *what)
{
	return xtbpf_refuse(b->why, b->rs, entry, -EINVAL, false, "entry at offset %u: %s", offset,
			    what);
}

/* Step 9 */
static const char *check_extent(const struct xtbpf_build *b, uint32_t offset)
{
	uint16_t head = xtbpf_entry_head(b->blob->family);
	uint32_t room = b->blob->size - offset;
	struct xtbpf_view v;

	if (((uintptr_t)b->blob->entries + offset) % ENTRY_ALIGN)
		return "not aligned to 8 bytes";
	if (room <= head)
		return "its head runs beyond the end of the table";
	v = xtbpf_entry_view(b->blob, offset);
	if (v.next_offset > room)
		return "next offset beyond the end of the table";
	if (v.next_offset < head + sizeof(struct xt_entry_target))
		return "too small for a target";
	return NULL;
}

/* Step 10 */
static const char *check_flags(const struct xtbpf_build *b, const struct xtbpf_view *v)
{
	bool v6 = b->blob->family == XTBPF_IPV6;

	if (v->flags & ~(v6 ? IP6T_F_MASK : IPT_F_MASK))
		return "unknown IP flags";
	if (v->invflags & ~(v6 ? IP6T_INV_MASK : IPT_INV_MASK))
		return "unknown inversion flags";
	return NULL;
}

static bool verdict_ok(int32_t verdict)
{
	return verdict > 0 || verdict == XT_RETURN || verdict == -NF_ACCEPT - 1 ||
	       verdict == -NF_DROP - 1 || verdict == -NF_QUEUE - 1;
}

/* Step 12 */
static const char *check_standard(const struct xtbpf_view *v)
{
	uint32_t end = v->target_offset + sizeof(struct xt_standard_target);

	if ((end + ENTRY_ALIGN - 1) / ENTRY_ALIGN * ENTRY_ALIGN != v->next_offset)
		return "standard target of the wrong size";
	if (!verdict_ok(xtbpf_entry_target(v).verdict))
		return "unknown verdict";
	return NULL;
}

static const char *check_error(const struct xtbpf_view *v, const struct xtbpf_target *t)
{
	if (t->size != sizeof(struct xt_error_target))
		return "ERROR target of the wrong size";
	if (!memchr(v->at + v->target_offset + offsetof(struct xt_error_target, errorname), 0,
		    XT_FUNCTION_MAXNAMELEN))
		return "chain name without an end";
	return NULL;
}

/* Steps 11 and 12 */
static const char *check_target(const struct xtbpf_view *v)
{
	struct xtbpf_target t;

	if (v->target_offset < v->head)
		return "target offset inside the entry's head";
	if (v->target_offset + sizeof(struct xt_entry_target) > v->next_offset)
		return "target offset beyond the entry";
	t = xtbpf_entry_target_head(v);
	if (t.size < sizeof(struct xt_entry_target))
		return "target smaller than its head";
	if (v->target_offset + t.size > v->next_offset)
		return "target runs beyond the entry";
	if (t.kind == XTBPF_T_STANDARD)
		return check_standard(v);
	if (t.kind == XTBPF_T_ERROR)
		return check_error(v, &t);
	return NULL;
}

/* Step 13. The last match may be of odd size: step 15 compares sizes. */
static const char *check_matches(const struct xtbpf_view *v, uint16_t *count)
{
	uint32_t at = v->head;
	uint16_t n = 0;

	for (; at < v->target_offset; n++) {
		uint32_t room = v->target_offset - at;
		const struct xt_entry_match *m = (const void *)(v->at + at);

		if ((uintptr_t)m % ENTRY_ALIGN)
			return "match not aligned to 8 bytes";
		if (room < sizeof(*m))
			return "no room for a match before the target";
		if (m->u.user.match_size < sizeof(*m))
			return "match smaller than its head";
		if (m->u.user.match_size > room)
			return "match runs into the target";
		at += m->u.user.match_size;
	}
	*count = n;
	return NULL;
}

/* Step 14: check_underflow in ip_tables.c */
static const char *check_underflow(const struct xtbpf_build *b, const struct xtbpf_view *v,
				   uint32_t offset)
{
	struct xtbpf_target t;
	unsigned int h;

	for (h = 0; h < XTBPF_NHOOK; h++) {
		if (!(b->blob->valid_hooks & 1u << h) || b->blob->underflow[h] != offset)
			continue;
		t = xtbpf_entry_target(v);
		if (!xtbpf_entry_unconditional(v) || t.kind != XTBPF_T_STANDARD)
			return "a policy must be unconditional";
		if (t.verdict != -NF_DROP - 1 && t.verdict != -NF_ACCEPT - 1)
			return "a policy must be ACCEPT or DROP";
	}
	return NULL;
}

static int check_entry(struct xtbpf_build *b, uint32_t offset, uint16_t *size)
{
	struct xtbpf_ruleset *rs = b->rs;
	int i = (int)rs->nentries;
	const char *what = check_extent(b, offset);
	struct xtbpf_entry *e = &rs->entries[i];
	struct xtbpf_view v;

	if (what)
		return invalid(b, i, offset, what);
	v = xtbpf_entry_view(b->blob, offset);
	what = check_flags(b, &v);
	if (!what)
		what = check_target(&v);
	if (!what)
		what = check_matches(&v, &e->nmatches);
	if (!what)
		what = check_underflow(b, &v, offset);
	if (what)
		return invalid(b, i, offset, what);
	*e = (struct xtbpf_entry){ .offset = offset,
				   .chain = XTBPF_NO_CHAIN,
				   .nmatches = e->nmatches,
				   .head = xtbpf_entry_target(&v).kind == XTBPF_T_ERROR };
	rs->nheads += e->head;
	rs->nentries++;
	memset(v.counters, 0, sizeof(*v.counters));
	*v.comefrom = 0;
	*size = v.next_offset;
	return 0;
}

/* Step 14b */
static int check_hooks(struct xtbpf_build *b)
{
	const struct xtbpf_blob *blob = b->blob;
	int last = -1;
	unsigned int h;

	for (h = 0; h < XTBPF_NHOOK; h++) {
		if (!(blob->valid_hooks & 1u << h))
			continue;
		if (xtbpf_entry_find(b->rs, blob->hook_entry[h]) < 0)
			return xtbpf_refuse(b->why, b->rs, -1, -EINVAL, false,
					    "%s starts at offset %u, where no entry is",
					    xtbpf_hook_name(h), blob->hook_entry[h]);
		if (xtbpf_entry_find(b->rs, blob->underflow[h]) < 0)
			return xtbpf_refuse(b->why, b->rs, -1, -EINVAL, false,
					    "%s has its policy at offset %u, where no entry is",
					    xtbpf_hook_name(h), blob->underflow[h]);
		if (last >= 0 && blob->underflow[h] <= blob->underflow[last])
			return xtbpf_refuse(b->why, b->rs, -1, -EINVAL, false,
					    "policies of %s and %s out of order",
					    xtbpf_hook_name(last), xtbpf_hook_name(h));
		if (last >= 0 && blob->hook_entry[h] <= blob->hook_entry[last])
			return xtbpf_refuse(b->why, b->rs, -1, -EINVAL, false,
					    "%s and %s out of order", xtbpf_hook_name(last),
					    xtbpf_hook_name(h));
		last = (int)h;
	}
	return 0;
}

int xtbpf_blob_check(struct xtbpf_build *b)
{
	struct xtbpf_blob *blob = b->blob;
	uint32_t room = blob->size /
			(xtbpf_entry_head(blob->family) + (uint32_t)sizeof(struct xt_entry_target));
	uint32_t offset;
	uint16_t size = 0;
	unsigned int h;
	int err;

	/* one more, for the entry that turns out to be too big */
	b->rs->entries = xtbpf_arena_alloc(b->rs->arena, (size_t)room + 1, sizeof(*b->rs->entries));
	if (!b->rs->entries)
		return xtbpf_refuse(b->why, b->rs, -1, -ENOMEM, false, "out of memory");
	for (offset = 0; offset < blob->size; offset += size) {
		err = check_entry(b, offset, &size);
		if (err)
			return err;
	}
	if (b->rs->nentries != blob->num_entries)
		return xtbpf_refuse(b->why, b->rs, -1, -EINVAL, false,
				    "%u entries announced, %u found", blob->num_entries,
				    b->rs->nentries);
	err = check_hooks(b);
	if (err)
		return err;
	for (h = 0; h < XTBPF_NHOOK; h++)
		if (!(blob->valid_hooks & 1u << h))
			blob->hook_entry[h] = blob->underflow[h] = XTBPF_NO_HOOK;
	return 0;
}
