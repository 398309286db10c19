// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table as GET_ENTRIES shows it: copy_entries_to_user of ip_tables.c, with
 * xt_match_to_user and xt_target_to_user of x_tables.c.
 */
#include "internal.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "../../translator/extension.h"

_Static_assert(sizeof(struct ipt_entry) == 112, "entry layout");
_Static_assert(sizeof(struct ip6t_entry) == 168, "entry layout");
_Static_assert(sizeof(struct xt_entry_match) == 32, "match layout");
_Static_assert(sizeof(struct xt_entry_target) == sizeof(struct xt_entry_match), "target layout");

/* The part of an entry that both families have, at its own place in each. */
struct shape {
	uint16_t target_offset, next_offset;
	size_t counters; /* offset of struct xt_counters */
};

static struct shape shape_of(enum xtbpf_family family, const uint8_t *entry)
{
	struct shape s;

	if (family == XTBPF_IPV4) {
		const struct ipt_entry *e = (const void *)entry;

		s.target_offset = e->target_offset;
		s.next_offset = e->next_offset;
		s.counters = offsetof(struct ipt_entry, counters);
	} else {
		const struct ip6t_entry *e = (const void *)entry;

		s.target_offset = e->target_offset;
		s.next_offset = e->next_offset;
		s.counters = offsetof(struct ip6t_entry, counters);
	}
	return s;
}

/* Bytes of payload that go back to the client; the kernel clears the rest. */
static size_t shown(size_t usersize, size_t payload)
{
	return usersize && usersize < payload ? usersize : payload;
}

static size_t match_shown(enum xtbpf_family family, const struct xt_entry_match *m, size_t payload)
{
	const struct xtbpf_match_ops *ops;

	if (xtbpf_match_find(family, m->u.user.name, m->u.user.revision, &ops))
		return payload;
	return shown(ops->usersize, payload);
}

static size_t target_shown(enum xtbpf_family family, const struct xt_entry_target *t,
			   size_t payload)
{
	const struct xtbpf_target_ops *ops;

	if (xtbpf_target_find(family, t->u.user.name, t->u.user.revision, &ops))
		return payload;
	return shown(ops->usersize, payload);
}

/*
 * xt_obj_to_user and xt_data_to_user: size, the name up to its NUL, revision,
 * payload. Matches and targets have the same head.
 */
static void show_head(const struct xt_entry_match *from, uint8_t *to, size_t payload, size_t keep)
{
	const uint8_t *bytes = (const void *)from;
	size_t name = offsetof(struct xt_entry_match, u.user.name);

	memcpy(to, &from->u.match_size, sizeof(from->u.match_size));
	memcpy(to + name, from->u.user.name,
	       strnlen(from->u.user.name, sizeof(from->u.user.name) - 1) + 1);
	to[offsetof(struct xt_entry_match, u.user.revision)] = from->u.user.revision;
	memcpy(to + sizeof(*from), bytes + sizeof(*from), keep);
	memset(to + sizeof(*from) + keep, 0, payload - keep);
}

static void show_entry(enum xtbpf_family family, const uint8_t *e, const struct shape *s,
		       const struct xt_counters *counters, uint8_t *out)
{
	const struct xt_entry_target *t = (const void *)(e + s->target_offset);
	size_t head = xtbpf_entry_size(family), payload;

	memcpy(out, e, head);
	memcpy(out + s->counters, counters, sizeof(*counters));
	for (size_t at = head; at < s->target_offset;) {
		const struct xt_entry_match *m = (const void *)(e + at);

		payload = m->u.match_size - sizeof(*m);
		show_head(m, out + at, payload, match_shown(family, m, payload));
		at += m->u.match_size;
	}
	payload = t->u.target_size - sizeof(*t);
	show_head((const void *)t, out + s->target_offset, payload,
		  target_shown(family, t, payload));
}

void xtbpf_entries_show(const struct xtbpf_blob *blob, const struct xt_counters *counters,
			uint8_t *out)
{
	const uint8_t *base = blob->entries;
	uint32_t n = 0;

	/* Every offset here has been checked when the blob was accepted. */
	for (uint32_t at = 0; at < blob->size && n < blob->num_entries; n++) {
		struct shape s = shape_of(blob->family, base + at);

		show_entry(blob->family, base + at, &s, &counters[n], out + at);
		at += s.next_offset;
	}
}
