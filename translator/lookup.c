// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SET_REPLACE step 15: every match and target exists and agrees with its rule;
 * find_check_entry in net/ipv4/netfilter/ip_tables.c, xt_check_match and
 * xt_check_target in net/netfilter/x_tables.c. Unreachable rules are checked
 * like all others.
 */
#include "arena.h"
#include "build.h"
#include "known.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

/**
 * struct demand - the generic part of an extension, match or target
 */
struct demand {
	const char *name;
	bool target;
	uint8_t revision;
	uint16_t size;
	const char *table;
	uint32_t hooks;
	uint16_t proto;
	int (*check)(const struct xtbpf_ext_ctx *ctx, const void *data);
};

static const char *kind(bool target)
{
	return target ? "target" : "match";
}

static int refuse(struct xtbpf_build *b, int entry, int err, bool ours, const char *name,
		  const char *fmt, ...) __attribute__((format(printf, 6, 7)));

static int refuse(struct xtbpf_build *b, int entry, int err, bool ours, const char *name,
		  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err = xtbpf_vrefuse(b->why, b->rs, entry, err, ours, fmt, ap);
	va_end(ap);
	xtbpf_reason_extension(b->why, name);
	return err;
}

static struct xtbpf_ext_ctx context(const struct xtbpf_build *b, const struct xtbpf_view *v)
{
	bool v6 = b->blob->family == XTBPF_IPV6;

	return (struct xtbpf_ext_ctx){
		.family = b->blob->family,
		.table = b->blob->table,
		.proto = v->proto,
		.proto_inverted = v->invflags & XT_INV_PROTO,
		.proto_evaluated = !v6 || v->flags & IP6T_F_PROTO,
		.hooks = *v->comefrom,
	};
}

/* xt_check_match and xt_check_target, which differ in words only */
static int check_demand(struct xtbpf_build *b, int i, const struct xtbpf_view *v,
			const struct demand *d, uint32_t size, const void *data)
{
	struct xtbpf_ext_ctx ctx = context(b, v);
	const char *k = kind(d->target);
	int err;

	if (size != d->size)
		return refuse(b, i, -EINVAL, false, d->name,
			      "%s %s revision %u has %u bytes of data, not %u", k, d->name,
			      d->revision, size, d->size);
	if (d->table && strcmp(d->table, xtbpf_table_def(b->blob->table)->name) != 0)
		return refuse(b, i, -EINVAL, false, d->name, "%s %s is only valid in table %s", k,
			      d->name, d->table);
	if (d->hooks && ctx.hooks & ~d->hooks)
		return refuse(b, i, -EINVAL, false, d->name,
			      "%s %s is reached from a built-in chain where it is not valid", k,
			      d->name);
	if (d->proto && (d->proto != ctx.proto || ctx.proto_inverted))
		return refuse(b, i, -EINVAL, false, d->name, "%s %s needs -p %u", k, d->name,
			      d->proto);
	err = d->check ? d->check(&ctx, data) : 0;
	if (err > 0)
		err = -EIO;
	if (err)
		return refuse(b, i, err, false, d->name, "%s %s has invalid options", k, d->name);
	return 0;
}

/*
 * No row for it. What the kernel has and we have not, or what neither knows, is
 * refused with the errno of a missing extension; a revision that the kernel does not
 * have either gets the kernel's errno.
 */
static int refuse_unknown(struct xtbpf_build *b, int i, bool target, const char *name,
			  uint8_t revision, int err)
{
	enum xtbpf_known known = xtbpf_known(b->blob->family, target, name, revision);
	const char *why = xtbpf_refused(name);

	if (known == XTBPF_KNOWN_OTHER_UNSPEC)
		err = -EPROTOTYPE;
	if (known == XTBPF_KNOWN_OTHER || known == XTBPF_KNOWN_OTHER_UNSPEC ||
	    xtbpf_revision(b->blob->family, target, name, revision) == -EPROTONOSUPPORT)
		return refuse(b, i, err, false, name, "%s %s has no revision %u", kind(target),
			      name, revision);
	if (why)
		return refuse(b, i, err, true, name, "%s %s is not supported: %s", kind(target),
			      name, why);
	return refuse(b, i, err, true, name, "%s %s is not supported by xtbpf yet", kind(target),
		      name);
}

static int lookup_match(struct xtbpf_build *b, int i, const struct xtbpf_view *v,
			const struct xt_entry_match *m, struct xtbpf_match_ref *ref)
{
	char name[XT_EXTENSION_MAXNAMELEN + 1] = "";
	const struct xtbpf_match_ops *ops;
	struct demand d;
	int err;

	memcpy(name, m->u.user.name, sizeof(m->u.user.name));
	if (strlen(name) == XT_EXTENSION_MAXNAMELEN)
		return refuse(b, i, -EINVAL, false, name, "match name without an end");
	err = xtbpf_match_find(b->blob->family, name, m->u.user.revision, &ops);
	if (err)
		return refuse_unknown(b, i, false, name, m->u.user.revision, err);
	d = (struct demand){ ops->name,	 false,	     ops->revision, ops->size,
			     ops->table, ops->hooks, ops->proto,    ops->check };
	*ref = (struct xtbpf_match_ref){ .ops = ops, .data = m->data };
	if (ops->stateful) {
		ref->state = xtbpf_arena_alloc(b->rs->arena, 1, sizeof(*ref->state));
		if (!ref->state)
			return refuse(b, i, -ENOMEM, false, name, "out of memory");
	}
	return check_demand(b, i, v, &d, m->u.user.match_size - (uint32_t)sizeof(*m), m->data);
}

static int lookup_target(struct xtbpf_build *b, int i, const struct xtbpf_view *v)
{
	struct xtbpf_target t = xtbpf_entry_target(v);
	const struct xtbpf_target_ops *ops;
	struct demand d;
	int err;

	if (!t.named)
		return refuse(b, i, -EINVAL, false, t.name, "target name without an end");
	err = xtbpf_target_find(b->blob->family, t.name, t.revision, &ops);
	if (err)
		return refuse_unknown(b, i, true, t.name, t.revision, err);
	d = (struct demand){ ops->name,	 true,	     ops->revision, ops->size,
			     ops->table, ops->hooks, ops->proto,    ops->check };
	/* aligned: all matches before it had their aligned size */
	return check_demand(b, i, v, &d, t.size - (uint32_t)sizeof(struct xt_entry_target),
			    v->at + v->target_offset + sizeof(struct xt_entry_target));
}

static int lookup_entry(struct xtbpf_build *b, int i)
{
	struct xtbpf_entry *e = &b->rs->entries[i];
	struct xtbpf_view v = xtbpf_entry_view(b->blob, e->offset);
	uint32_t at = v.head;
	unsigned int n;
	int err;

	if (e->nmatches) {
		e->matches = xtbpf_arena_alloc(b->rs->arena, e->nmatches, sizeof(*e->matches));
		if (!e->matches)
			return refuse(b, i, -ENOMEM, false, "", "out of memory");
	}
	for (n = 0; n < e->nmatches; n++) {
		const struct xt_entry_match *m = (const void *)(v.at + at);

		err = lookup_match(b, i, &v, m, &e->matches[n]);
		if (err)
			return err;
		at += m->u.user.match_size;
	}
	return lookup_target(b, i, &v);
}

int xtbpf_blob_lookup(struct xtbpf_build *b)
{
	uint32_t i;
	int err;

	for (i = 0; i < b->rs->nentries; i++) {
		err = lookup_entry(b, (int)i);
		if (err)
			return err;
	}
	return 0;
}
