// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPT_SO_SET_REPLACE: do_replace and __do_replace of ip_tables.c, with the
 * enforcement in place of xt_replace_table's swap of a pointer.
 */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stdlib.h>
#include <string.h>

#include "../cleanup.h"

_Static_assert(sizeof(struct ipt_replace) == 96, "SET_REPLACE layout");
_Static_assert(offsetof(struct ipt_replace, counters) == 88, "SET_REPLACE layout");

/* The offset array of xt_alloc_entry_offsets: 4 bytes an entry. */
#define MAX_ENTRIES (XTBPF_MAX_TABLE_SIZE / sizeof(unsigned int))
/* xt_counters_alloc */
#define MAX_COUNTERS (XTBPF_MAX_TABLE_SIZE / sizeof(struct xt_counters))

/* Copied out before the blob is looked at; struct ip6t_replace has the same layout. */
static int take_header(const struct xtbpf_request *req, struct ipt_replace *h)
{
	if (req->optlen < sizeof(*h))
		return -EINVAL;
	if (req->size < sizeof(*h))
		return -EFAULT;
	memcpy(h, req->data, sizeof(*h));
	if (h->num_counters >= INT_MAX / sizeof(struct xt_counters))
		return -ENOMEM;
	if (h->num_counters == 0)
		return -EINVAL;
	if (req->optlen < (uint64_t)h->size + sizeof(*h))
		return -EINVAL;
	h->name[sizeof(h->name) - 1] = '\0';
	return 0;
}

static int take_blob(const struct xtbpf_request *req, const struct ipt_replace *h,
		     struct xtbpf_table **out)
{
	struct xtbpf_table *t;

	if ((uint64_t)h->size + XTBPF_TABLE_INFO_SIZE >= XTBPF_MAX_TABLE_SIZE)
		return -ENOMEM;
	if (req->size < sizeof(*h) + (size_t)h->size)
		return -EFAULT;
	t = xtbpf_table_alloc(h->size);
	if (!t)
		return -ENOMEM;
	memcpy(t->blob.entries, (const uint8_t *)req->data + sizeof(*h), h->size);
	t->blob.family = req->family;
	t->blob.table = xtbpf_table_find(h->name); /* may be none: judged after the blob */
	t->blob.valid_hooks = h->valid_hooks;
	t->blob.num_entries = h->num_entries;
	for (int i = 0; i < XTBPF_NHOOK; i++) {
		bool valid = h->valid_hooks & (1u << i);

		t->blob.hook_entry[i] = valid ? h->hook_entry[i] : XTBPF_NO_HOOK;
		t->blob.underflow[i] = valid ? h->underflow[i] : XTBPF_NO_HOOK;
	}
	*out = t;
	return 0;
}

/*
 * The kernel's checks of the blob, and ours. One pass when all is well; when only
 * xtbpf objects, the kernel's part is asked alone and ours waits in *later,
 * because the kernel has more checks before it would have accepted.
 */
static int check_blob(struct xtbpf_table *t, struct xtbpf_reason *later, struct xtbpf_reason *why)
{
	int err;

	if (t->blob.num_entries > MAX_ENTRIES)
		return -ENOMEM;
	if (t->blob.table == XTBPF_NTABLE)
		return xtbpf_ruleset_new(&t->blob, false, &t->rs, why);
	err = xtbpf_ruleset_new(&t->blob, true, &t->rs, why);
	if (!err || !why->ours)
		return err;
	*later = *why;
	later->err = -err;
	memset(why, 0, sizeof(*why));
	why->entry = -1;
	return xtbpf_ruleset_new(&t->blob, false, &t->rs, why);
}

static int replace(const struct xtbpf_request *req, const struct ipt_replace *h,
		   struct xtbpf_table **t, struct xtbpf_reply *reply, struct xtbpf_reason *why)
{
	_cleanup_free_ struct xt_counters *old = NULL;
	struct xtbpf_reason later = { .entry = -1 };
	struct xtbpf_table *current;
	int err;

	err = check_blob(*t, &later, why);
	if (err)
		return err;
	if (h->num_counters > MAX_COUNTERS)
		return -ENOMEM;
	err = xtbpf_table_need(req->ns, req->family, h->name, &current, why);
	if (err)
		return err;
	if (h->valid_hooks != current->blob.valid_hooks)
		return -EINVAL;
	if (h->num_counters != current->blob.num_entries)
		return -EAGAIN;
	if (later.err) {
		*why = later;
		return -later.err;
	}
	old = calloc(h->num_counters, sizeof(*old));
	if (!old)
		return -ENOMEM;
	err = xtbpf_table_install(req->ns, *t, old, h->num_counters, why);
	if (err)
		return err;
	xtbpf_steal_ptr(t);
	reply->counters = xtbpf_steal_ptr(&old);
	reply->ncounters = h->num_counters;
	reply->counters_to = (uintptr_t)h->counters;
	return 0;
}

int xtbpf_replace(const struct xtbpf_request *req, struct xtbpf_reply *reply,
		  struct xtbpf_reason *why)
{
	_cleanup_table_ struct xtbpf_table *t = NULL;
	struct ipt_replace h;
	int err = take_header(req, &h);

	if (!err)
		err = take_blob(req, &h, &t);
	if (!err)
		err = replace(req, &h, &t, reply, why);
	if (err && t && why->text[0])
		xtbpf_explain(req->ns, req->family, &t->blob, why, reply);
	return err;
}
