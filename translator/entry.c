// SPDX-License-Identifier: LGPL-2.1-or-later
#include "entry.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

uint16_t xtbpf_entry_head(enum xtbpf_family family)
{
	return family == XTBPF_IPV6 ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);
}

static struct xtbpf_view view4(struct ipt_entry *e)
{
	return (struct xtbpf_view){
		.at = (uint8_t *)e,
		.head = sizeof(*e),
		.target_offset = e->target_offset,
		.next_offset = e->next_offset,
		.proto = e->ip.proto,
		.flags = e->ip.flags,
		.invflags = e->ip.invflags,
		.is_goto = e->ip.flags & IPT_F_GOTO,
		.comefrom = &e->comefrom,
		.counters = &e->counters,
	};
}

static struct xtbpf_view view6(struct ip6t_entry *e)
{
	return (struct xtbpf_view){
		.at = (uint8_t *)e,
		.head = sizeof(*e),
		.target_offset = e->target_offset,
		.next_offset = e->next_offset,
		.proto = e->ipv6.proto,
		.flags = e->ipv6.flags,
		.invflags = e->ipv6.invflags,
		.is_goto = e->ipv6.flags & IP6T_F_GOTO,
		.comefrom = &e->comefrom,
		.counters = &e->counters,
	};
}

struct xtbpf_view xtbpf_entry_view(const struct xtbpf_blob *blob, uint32_t offset)
{
	void *at = (uint8_t *)blob->entries + offset;

	return blob->family == XTBPF_IPV6 ? view6(at) : view4(at);
}

struct xtbpf_target xtbpf_entry_target_head(const struct xtbpf_view *v)
{
	struct xt_entry_target head;
	struct xtbpf_target t = { .kind = XTBPF_T_EXTENSION };

	/* A match of odd size leaves its target at an odd address. */
	memcpy(&head, v->at + v->target_offset, sizeof(head));
	t.size = head.u.user.target_size;
	t.revision = head.u.user.revision;
	memcpy(t.name, head.u.user.name, sizeof(head.u.user.name));
	t.named = memchr(head.u.user.name, 0, sizeof(head.u.user.name)) != NULL;
	if (strcmp(t.name, XT_STANDARD_TARGET) == 0)
		t.kind = XTBPF_T_STANDARD;
	else if (strcmp(t.name, XT_ERROR_TARGET) == 0)
		t.kind = XTBPF_T_ERROR;
	return t;
}

struct xtbpf_target xtbpf_entry_target(const struct xtbpf_view *v)
{
	struct xtbpf_target t = xtbpf_entry_target_head(v);

	if (t.kind == XTBPF_T_STANDARD)
		memcpy(&t.verdict,
		       v->at + v->target_offset + offsetof(struct xt_standard_target, verdict),
		       sizeof(t.verdict));
	return t;
}

bool xtbpf_entry_unconditional(const struct xtbpf_view *v)
{
	static const uint8_t zero[sizeof(struct ip6t_ip6)];
	size_t ip = v->head == sizeof(struct ip6t_entry) ? sizeof(struct ip6t_ip6)
							 : sizeof(struct ipt_ip);

	return v->target_offset == v->head && memcmp(v->at, zero, ip) == 0;
}

int xtbpf_entry_find(const struct xtbpf_ruleset *rs, int64_t offset)
{
	uint32_t lo = 0, hi = rs->nentries;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (rs->entries[mid].offset == offset)
			return (int)mid;
		if (rs->entries[mid].offset < offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}
