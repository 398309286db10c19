// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The five tables (net/ipv4/netfilter/iptable_*.c and their ip6 twins) and the
 * blob each starts with (xt_alloc_initial_table in net/netfilter/xt_repldata.h).
 */
#include <errno.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <xtbpf/table.h>

#define PRE (1u << XTBPF_PREROUTING)
#define IN (1u << XTBPF_INPUT)
#define FWD (1u << XTBPF_FORWARD)
#define OUT (1u << XTBPF_OUTPUT)
#define POST (1u << XTBPF_POSTROUTING)

static const struct xtbpf_table_def tables[XTBPF_NTABLE + 1] = {
	[XTBPF_RAW] = { "raw",
			PRE | OUT,
			{ NF_IP_PRI_RAW, NF_IP_PRI_RAW, NF_IP_PRI_RAW, NF_IP_PRI_RAW,
			  NF_IP_PRI_RAW } },
	[XTBPF_MANGLE] = { "mangle",
			   PRE | IN | FWD | OUT | POST,
			   { NF_IP_PRI_MANGLE, NF_IP_PRI_MANGLE, NF_IP_PRI_MANGLE, NF_IP_PRI_MANGLE,
			     NF_IP_PRI_MANGLE } },
	[XTBPF_NAT] = { "nat",
			PRE | IN | OUT | POST,
			{ NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC, 0, NF_IP_PRI_NAT_DST,
			  NF_IP_PRI_NAT_SRC } },
	[XTBPF_FILTER] = { "filter",
			   IN | FWD | OUT,
			   { NF_IP_PRI_FILTER, NF_IP_PRI_FILTER, NF_IP_PRI_FILTER, NF_IP_PRI_FILTER,
			     NF_IP_PRI_FILTER } },
	[XTBPF_SECURITY] = { "security",
			     IN | FWD | OUT,
			     { NF_IP_PRI_SECURITY, NF_IP_PRI_SECURITY, NF_IP_PRI_SECURITY,
			       NF_IP_PRI_SECURITY, NF_IP_PRI_SECURITY } },
	[XTBPF_NTABLE] = { .name = "" },
};

static const char *const hooks[XTBPF_NHOOK] = {
	"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING",
};

const struct xtbpf_table_def *xtbpf_table_def(enum xtbpf_table_id id)
{
	return &tables[id];
}

enum xtbpf_table_id xtbpf_table_find(const char *name)
{
	enum xtbpf_table_id id;

	for (id = 0; id < XTBPF_NTABLE; id++)
		if (strcmp(tables[id].name, name) == 0)
			break;
	return id;
}

const char *xtbpf_hook_name(enum xtbpf_hook hook)
{
	return hooks[hook];
}

/* Entries as the initial blob has them: no matches. */
struct standard4 {
	struct ipt_entry entry;
	struct xt_standard_target target;
};
struct error4 {
	struct ipt_entry entry;
	struct xt_error_target target;
};
struct standard6 {
	struct ip6t_entry entry;
	struct xt_standard_target target;
};
struct error6 {
	struct ip6t_entry entry;
	struct xt_error_target target;
};

static void put_standard(struct xt_standard_target *t)
{
	t->target.u.user.target_size = sizeof(*t);
	t->verdict = -NF_ACCEPT - 1;
}

static void put_error(struct xt_error_target *t)
{
	t->target.u.user.target_size = sizeof(*t);
	strcpy(t->target.u.user.name, XT_ERROR_TARGET);
	strcpy(t->errorname, XT_ERROR_TARGET);
}

static void fill4(void *entries, unsigned int nhooks)
{
	struct standard4 *s = entries;
	struct error4 *last;
	unsigned int i;

	for (i = 0; i < nhooks; i++, s++) {
		s->entry.target_offset = sizeof(struct ipt_entry);
		s->entry.next_offset = sizeof(*s);
		put_standard(&s->target);
	}
	last = (struct error4 *)s;
	last->entry.target_offset = sizeof(struct ipt_entry);
	last->entry.next_offset = sizeof(*last);
	put_error(&last->target);
}

static void fill6(void *entries, unsigned int nhooks)
{
	struct standard6 *s = entries;
	struct error6 *last;
	unsigned int i;

	for (i = 0; i < nhooks; i++, s++) {
		s->entry.target_offset = sizeof(struct ip6t_entry);
		s->entry.next_offset = sizeof(*s);
		put_standard(&s->target);
	}
	last = (struct error6 *)s;
	last->entry.target_offset = sizeof(struct ip6t_entry);
	last->entry.next_offset = sizeof(*last);
	put_error(&last->target);
}

int xtbpf_blob_initial(enum xtbpf_family family, enum xtbpf_table_id table, struct xtbpf_blob *out)
{
	bool v6 = family == XTBPF_IPV6;
	uint32_t standard = v6 ? sizeof(struct standard6) : sizeof(struct standard4);
	uint32_t error = v6 ? sizeof(struct error6) : sizeof(struct error4);
	struct xtbpf_blob b = { .family = family, .table = table };
	unsigned int h, n = 0;

	b.valid_hooks = tables[table].valid_hooks;
	for (h = 0; h < XTBPF_NHOOK; h++)
		b.hook_entry[h] = b.underflow[h] =
			b.valid_hooks & 1u << h ? standard * n++ : XTBPF_NO_HOOK;
	b.num_entries = n + 1;
	b.size = standard * n + error;
	b.entries = calloc(1, b.size);
	if (!b.entries)
		return -ENOMEM;
	if (v6)
		fill6(b.entries, n);
	else
		fill4(b.entries, n);
	*out = b;
	return 0;
}

void xtbpf_blob_release(struct xtbpf_blob *blob)
{
	free(blob->entries);
	memset(blob, 0, sizeof(*blob));
}
