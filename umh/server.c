// SPDX-License-Identifier: GPL-2.0-only
/*
 * One socket option in, one answer out: the order of checks and the errnos are
 * those of net/ipv4/netfilter/ip_tables.c, net/ipv6/netfilter/ip6_tables.c and
 * net/netfilter/nf_sockopt.c.
 */
#include "server/internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "enforce.h"
#include "log.h"

_Static_assert(sizeof(struct ipt_getinfo) == 84, "GET_INFO layout");
_Static_assert(sizeof(struct ipt_get_entries) == 40, "GET_ENTRIES layout");
_Static_assert(sizeof(struct xt_counters_info) == 40, "ADD_COUNTERS layout");
_Static_assert(sizeof(struct xt_get_revision) == 30, "GET_REVISION layout");

/* ip6_tables.h counts its revision calls from 68; the other numbers are the same. */
enum {
	GET_REVISION_MATCH6 = 68,
	GET_REVISION_TARGET6 = 69,
};

typedef int (*handler)(const struct xtbpf_request *req, struct xtbpf_reply *reply,
		       struct xtbpf_reason *why);

/* A fixed-size name as the client sent it, with the kernel's forced NUL at the end. */
static void take_name(char name[XTBPF_NAME_LEN], const void *from)
{
	memcpy(name, from, XTBPF_NAME_LEN);
	name[XTBPF_NAME_LEN - 1] = '\0';
}

static int get_info(const struct xtbpf_request *req, struct xtbpf_reply *reply,
		    struct xtbpf_reason *why)
{
	char name[XTBPF_NAME_LEN];
	struct xtbpf_table *t;
	struct ipt_getinfo *info;
	int err;

	if (req->optlen != sizeof(*info))
		return -EINVAL;
	if (req->size < sizeof(name))
		return -EFAULT;
	take_name(name, req->data);
	err = xtbpf_table_need(req->ns, req->family, name, &t, why);
	if (err)
		return err;
	info = calloc(1, sizeof(*info));
	if (!info)
		return -ENOMEM;
	strcpy(info->name, name);
	info->valid_hooks = t->blob.valid_hooks;
	memcpy(info->hook_entry, t->blob.hook_entry, sizeof(info->hook_entry));
	memcpy(info->underflow, t->blob.underflow, sizeof(info->underflow));
	info->num_entries = t->blob.num_entries;
	info->size = t->blob.size;
	reply->data = info;
	reply->size = sizeof(*info);
	return 0;
}

static int get_entries(const struct xtbpf_request *req, struct xtbpf_reply *reply,
		       struct xtbpf_reason *why)
{
	_cleanup_free_ struct xt_counters *counters = NULL;
	char name[XTBPF_NAME_LEN];
	struct ipt_get_entries get;
	struct xtbpf_table *t;
	uint8_t *out;
	int err;

	if (req->optlen < sizeof(get))
		return -EINVAL;
	if (req->size < sizeof(get))
		return -EFAULT;
	memcpy(&get, req->data, sizeof(get));
	if (req->optlen != sizeof(get) + (uint64_t)get.size)
		return -EINVAL;
	take_name(name, get.name);
	err = xtbpf_table_need(req->ns, req->family, name, &t, why);
	if (err)
		return err;
	if (get.size != t->blob.size)
		return -EAGAIN;
	counters = calloc(t->blob.num_entries, sizeof(*counters));
	out = calloc(1, sizeof(get) + get.size);
	if (!counters || !out) {
		free(out);
		return -ENOMEM;
	}
	err = xtbpf_enforce_read(req->ns->enforce, req->family, t->blob.table, counters,
				 t->blob.num_entries);
	if (err) {
		free(out);
		return xtbpf_server_refuse(why, ENOMEM, name, "its counters cannot be read: %s",
					   strerror(-err));
	}
	/* Where the kernel would leave the client's bytes alone (behind names) there are zeros. */
	xtbpf_entries_show(&t->blob, counters, out + sizeof(get));
	reply->data = out;
	reply->size = sizeof(get) + get.size;
	reply->skip = sizeof(get);
	return 0;
}

static int add_counters(const struct xtbpf_request *req, struct xtbpf_reply *reply,
			struct xtbpf_reason *why)
{
	_cleanup_free_ struct xt_counters *add = NULL;
	struct xt_counters_info info;
	char name[XTBPF_NAME_LEN];
	struct xtbpf_table *t;
	uint64_t bytes;
	int err;

	/* xt_copy_counters */
	if (req->optlen <= sizeof(info))
		return -EINVAL;
	if (req->size < sizeof(info))
		return -EFAULT;
	memcpy(&info, req->data, sizeof(info));
	bytes = (uint64_t)info.num_counters * sizeof(*add);
	if (req->optlen - sizeof(info) != bytes)
		return -EINVAL;
	if (req->size < req->optlen)
		return -EFAULT;
	add = malloc(bytes);
	if (!add)
		return -ENOMEM;
	memcpy(add, (const uint8_t *)req->data + sizeof(info), bytes);
	take_name(name, info.name);
	err = xtbpf_table_need(req->ns, req->family, name, &t, why);
	if (err)
		return err;
	if (info.num_counters != t->blob.num_entries)
		return -EINVAL;
	err = xtbpf_enforce_add(req->ns->enforce, req->family, t->blob.table, add,
				info.num_counters);
	if (err)
		return xtbpf_server_refuse(why, ENOMEM, name, "its counters cannot be written: %s",
					   strerror(-err));
	return 0;
}

static int get_revision(const struct xtbpf_request *req, bool target)
{
	struct xt_get_revision rev;

	if (req->optlen != sizeof(rev))
		return -EINVAL;
	if (req->size < sizeof(rev))
		return -EFAULT;
	memcpy(&rev, req->data, sizeof(rev));
	rev.name[sizeof(rev.name) - 1] = '\0';
	return xtbpf_revision(req->family, target, rev.name, rev.revision);
}

static int get_revision_match(const struct xtbpf_request *req, struct xtbpf_reply *reply,
			      struct xtbpf_reason *why)
{
	return get_revision(req, false);
}

static int get_revision_target(const struct xtbpf_request *req, struct xtbpf_reply *reply,
			       struct xtbpf_reason *why)
{
	return get_revision(req, true);
}

/* nf_sockopt_find: which numbers are ours. IPv6 66 and 67 belong to the IPv6 layer itself. */
static handler find_handler(const struct xtbpf_request *req)
{
	bool v4 = req->family == XTBPF_IPV4;

	if (req->set) {
		switch (req->optname) {
		case IPT_SO_SET_REPLACE:
			return xtbpf_replace;
		case IPT_SO_SET_ADD_COUNTERS:
			return add_counters;
		}
		return NULL;
	}
	if (req->optname == IPT_SO_GET_INFO)
		return get_info;
	if (req->optname == IPT_SO_GET_ENTRIES)
		return get_entries;
	if (req->optname == (v4 ? IPT_SO_GET_REVISION_MATCH : (int)GET_REVISION_MATCH6))
		return get_revision_match;
	if (req->optname == (v4 ? IPT_SO_GET_REVISION_TARGET : (int)GET_REVISION_TARGET6))
		return get_revision_target;
	return NULL;
}

static int serve(const struct xtbpf_request *req, struct xtbpf_reply *reply,
		 struct xtbpf_reason *why)
{
	handler h;

	/* A negative int: net/socket.c, ip_sockglue.c. A get of level IPV6 does not mind. */
	if (req->optlen > INT_MAX && (req->set || req->family == XTBPF_IPV4))
		return -EINVAL;
	h = find_handler(req);
	if (!h)
		return -ENOPROTOOPT;
	if (!req->capable)
		return -EPERM;
	return h(req, reply, why);
}

void xtbpf_serve(const struct xtbpf_request *req, struct xtbpf_reply *reply)
{
	struct xtbpf_reason why = { .entry = -1 };

	reply->err = serve(req, reply, &why);
	/* Replace explains itself while it still has the blob at hand. */
	if (reply->err && why.text[0] && !reply->why)
		xtbpf_explain(req->ns, req->family, NULL, &why, reply);
}

/* xt_register_table puts a new table at the head of the list that the proc file walks. */
char *xtbpf_names(struct xtbpf_ns *ns, enum xtbpf_family family)
{
	char *text = calloc(XTBPF_NTABLE, XTBPF_NAME_LEN + 1);
	struct xtbpf_reason why = { .entry = -1 };
	unsigned int before = UINT_MAX;
	int err;

	if (!text)
		return NULL;
	err = xtbpf_ns_ready(ns, &why);
	if (err)
		xtbpf_log(XTBPF_ERR, "%s", why.text);
	for (int i = 0; i < XTBPF_NTABLE; i++) {
		const struct xtbpf_table *newest = NULL;

		for (int id = 0; id < XTBPF_NTABLE; id++) {
			const struct xtbpf_table *t = ns->tables[family][id];

			if (t && t->seq < before && (!newest || t->seq > newest->seq))
				newest = t;
		}
		if (!newest)
			break;
		before = newest->seq;
		strcat(text, xtbpf_table_def(newest->blob.table)->name);
		strcat(text, "\n");
	}
	return text;
}
