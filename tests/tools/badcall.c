/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bad socket options: a list of crafted ones, then random damage to the table
 * that is loaded. Prints "case: errno" lines, so that a run on the kernel's
 * ip_tables and one under xtbpf can be compared; says CHANGED where a call that
 * failed changed the table all the same.
 *   badcall 4|6 SEED COUNT
 */
#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/diff/rng.h"

_Static_assert(sizeof(struct ipt_replace) == sizeof(struct ip6t_replace), "same layout");

struct ctx {
	int fd, level, family;
	struct ipt_getinfo info;
	struct ipt_replace *base; /* a replace that changes nothing */
	size_t len;
	uint8_t *entries; /* the table as it is */
	struct xt_counters *counters;
};

static int get_entries(struct ctx *c, uint8_t **out)
{
	socklen_t len = (socklen_t)(sizeof(struct ipt_get_entries) + c->info.size);
	struct ipt_get_entries *get = calloc(1, len);
	int err = -ENOMEM;

	if (!get)
		return err;
	strcpy(get->name, "filter");
	get->size = c->info.size;
	err = getsockopt(c->fd, c->level, IPT_SO_GET_ENTRIES, get, &len) ? -errno : 0;
	*out = err ? NULL : malloc(c->info.size);
	if (*out)
		memcpy(*out, get->entrytable, c->info.size);
	free(get);
	return err;
}

static int open_table(struct ctx *c, int family)
{
	socklen_t len = sizeof(c->info);
	int err;

	memset(c, 0, sizeof(*c));
	c->family = family;
	c->level = family == 4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	strcpy(c->info.name, "filter");
	if (c->fd < 0 || getsockopt(c->fd, c->level, IPT_SO_GET_INFO, &c->info, &len))
		return -errno;
	err = get_entries(c, &c->entries);
	if (err)
		return err;
	c->len = sizeof(struct ipt_replace) + c->info.size;
	c->base = calloc(1, c->len);
	c->counters = calloc(c->info.num_entries, sizeof(*c->counters));
	if (!c->base || !c->counters)
		return -ENOMEM;
	strcpy(c->base->name, "filter");
	c->base->valid_hooks = c->info.valid_hooks;
	c->base->num_entries = c->info.num_entries;
	c->base->size = c->info.size;
	memcpy(c->base->hook_entry, c->info.hook_entry, sizeof(c->base->hook_entry));
	memcpy(c->base->underflow, c->info.underflow, sizeof(c->base->underflow));
	c->base->num_counters = c->info.num_entries;
	c->base->counters = c->counters;
	memcpy(c->base->entries, c->entries, c->info.size);
	return 0;
}

/* Counters and comefrom move by themselves; the rest of the table must not. */
static void blank(const struct ctx *c, uint8_t *e)
{
	for (uint32_t off = 0; off < c->info.size;) {
		if (c->family == 4) {
			struct ipt_entry *x = (struct ipt_entry *)(e + off);

			x->comefrom = 0;
			memset(&x->counters, 0, sizeof(x->counters));
			off += x->next_offset;
		} else {
			struct ip6t_entry *x = (struct ip6t_entry *)(e + off);

			x->comefrom = 0;
			memset(&x->counters, 0, sizeof(x->counters));
			off += x->next_offset;
		}
	}
}

static bool unchanged(struct ctx *c)
{
	struct ipt_getinfo now = { 0 };
	socklen_t len = sizeof(now);
	uint8_t *e = NULL, *was;
	bool same = false;

	strcpy(now.name, "filter");
	if (getsockopt(c->fd, c->level, IPT_SO_GET_INFO, &now, &len) || now.size != c->info.size ||
	    now.num_entries != c->info.num_entries || get_entries(c, &e))
		return false;
	was = malloc(c->info.size);
	if (was && e) {
		memcpy(was, c->entries, c->info.size);
		blank(c, was);
		blank(c, e);
		same = !memcmp(was, e, c->info.size);
	}
	free(was);
	free(e);
	return same;
}

static void result(struct ctx *c, const char *name, int err)
{
	printf("%s: %s%s\n", name, err ? strerrorname_np(err) : "accepted",
	       err && !unchanged(c) ? " CHANGED" : "");
}

static void set(struct ctx *c, const char *name, int o, const void *p, size_t len)
{
	result(c, name, setsockopt(c->fd, c->level, o, p, (socklen_t)len) ? errno : 0);
}

static void get(struct ctx *c, const char *name, int o, void *p, size_t size)
{
	socklen_t len = (socklen_t)size;

	result(c, name, getsockopt(c->fd, c->level, o, p, &len) ? errno : 0);
}

/* One damaged field of the header at a time. */
static void bad_headers(struct ctx *c)
{
	static const struct {
		const char *name;
		size_t at;
		uint32_t value;
	} bad[] = {
#define AT(f) offsetof(struct ipt_replace, f)
		{ "no size", AT(size), 0 },
		{ "size of one byte", AT(size), 1 },
		{ "size too large", AT(size), 0x10000 },
		{ "size wraps", AT(size), 0xffffffd0 },
		{ "no entries", AT(num_entries), 0 },
		{ "one entry", AT(num_entries), 1 },
		{ "entries wrap", AT(num_entries), 0xffffffff },
		{ "no counters", AT(num_counters), 0 },
		{ "one counter", AT(num_counters), 1 },
		{ "counters overflow", AT(num_counters), 0x7fffffff },
		{ "counters wrap", AT(num_counters), 0xffffffff },
		{ "no hooks", AT(valid_hooks), 0 },
		{ "other hooks", AT(valid_hooks), 0x1f },
		{ "INPUT inside an entry", AT(hook_entry[1]), 8 },
		{ "INPUT beyond the end", AT(hook_entry[1]), 0x10000000 },
		{ "FORWARD at INPUT", AT(hook_entry[2]), 0 },
		{ "policy at no entry", AT(underflow[1]), 4 },
		{ "policy at the first rule", AT(underflow[1]), 0 },
		{ "policy beyond the end", AT(underflow[3]), 0xfffffff8 },
#undef AT
	};
	struct ipt_replace *r = malloc(c->len);

	for (size_t i = 0; r && i < sizeof(bad) / sizeof(*bad); i++) {
		memcpy(r, c->base, c->len);
		memcpy((char *)r + bad[i].at, &bad[i].value, 4);
		set(c, bad[i].name, IPT_SO_SET_REPLACE, r, c->len);
	}
	free(r);
}

static void bad_lengths(struct ctx *c)
{
	struct ipt_replace *r = malloc(c->len + 64);
	size_t lens[] = {
		0,	    1,		32,	    sizeof(*r) - 1, sizeof(*r), sizeof(*r) + 8,
		c->len - 1, c->len + 1, c->len + 64
	};
	char name[64];

	if (!r)
		return;
	memset(r, 0, c->len + 64);
	memcpy(r, c->base, c->len);
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		snprintf(name, sizeof(name), "replace with length %+d", (int)(lens[i] - c->len));
		set(c, name, IPT_SO_SET_REPLACE, r, lens[i]);
	}
	set(c, "replace from nowhere", IPT_SO_SET_REPLACE, (void *)16, c->len);
	memset(r->name, 'x', sizeof(r->name));
	set(c, "name without an end", IPT_SO_SET_REPLACE, r, c->len);
	strcpy(r->name, "nonesuch");
	set(c, "unknown table", IPT_SO_SET_REPLACE, r, c->len);
	free(r);
}

static void bad_gets(struct ctx *c)
{
	char buf[256] = "filter";
	struct xt_counters_info *add = calloc(1, sizeof(*add) + 64);

	get(c, "info, short", IPT_SO_GET_INFO, buf, sizeof(struct ipt_getinfo) - 1);
	get(c, "info, long", IPT_SO_GET_INFO, buf, sizeof(buf));
	get(c, "entries, too short", IPT_SO_GET_ENTRIES, buf, 8);
	get(c, "entries, wrong size", IPT_SO_GET_ENTRIES, buf, sizeof(struct ipt_get_entries));
	strcpy(buf, "nonesuch");
	get(c, "info of no table", IPT_SO_GET_INFO, buf, sizeof(struct ipt_getinfo));
	memset(buf, 'x', 64);
	get(c, "info without an end", IPT_SO_GET_INFO, buf, sizeof(struct ipt_getinfo));
	get(c, "unknown get", 69 + 10, buf, 64);
	set(c, "unknown set", 69 + 10, buf, 64);
	if (!add)
		return;
	strcpy(add->name, "filter");
	add->num_counters = 1;
	set(c, "counters, too few", IPT_SO_SET_ADD_COUNTERS, add, sizeof(*add) + 16);
	set(c, "counters, wrong length", IPT_SO_SET_ADD_COUNTERS, add, sizeof(*add) + 15);
	set(c, "counters, header only", IPT_SO_SET_ADD_COUNTERS, add, 8);
	add->num_counters = 0xffffffff;
	set(c, "counters, overflow", IPT_SO_SET_ADD_COUNTERS, add, sizeof(*add) + 16);
	strcpy(add->name, "nonesuch");
	add->num_counters = 1;
	set(c, "counters of no table", IPT_SO_SET_ADD_COUNTERS, add, sizeof(*add) + 16);
	free(add);
}

/* A few words of the entries overwritten; what is accepted is undone. */
static void damage(struct ctx *c, uint64_t seed, unsigned int count)
{
	static const uint32_t values[] = { 0,	       1,	   7,	       8,
					   0xff,       0x70,	   0x98,       0xa8,
					   0xffff,     0x7fffffff, 0x80000000, 0xffffffff,
					   0xfffffffe, 0xfffffffb };
	struct rng rng = { .s = seed };
	struct ipt_replace *r = malloc(c->len);
	char name[64];

	for (unsigned int i = 0; r && i < count; i++) {
		uint8_t *e = (uint8_t *)r->entries;
		unsigned int n = 1 + rng_below(&rng, 2);

		memcpy(r, c->base, c->len);
		while (n--) {
			uint32_t at = rng_below(&rng, c->info.size - 4), v;

			v = values[rng_below(&rng, sizeof(values) / sizeof(*values))];
			if (rng_percent(&rng, 40))
				e[at] = (uint8_t)v;
			else
				memcpy(e + (at & ~3u), &v, rng_percent(&rng, 50) ? 4 : 2);
		}
		snprintf(name, sizeof(name), "damage %u", i);
		if (!setsockopt(c->fd, c->level, IPT_SO_SET_REPLACE, r, (socklen_t)c->len)) {
			printf("%s: accepted\n", name);
			if (setsockopt(c->fd, c->level, IPT_SO_SET_REPLACE, c->base,
				       (socklen_t)c->len))
				printf("%s: cannot undo: %s\n", name, strerrorname_np(errno));
		} else {
			result(c, name, errno);
		}
	}
	free(r);
}

int main(int argc, char **argv)
{
	struct ctx c;
	int err;

	if (argc != 4) {
		fprintf(stderr, "usage: badcall 4|6 SEED COUNT\n");
		return 2;
	}
	err = open_table(&c, atoi(argv[1]) == 6 ? 6 : 4);
	if (err) {
		fprintf(stderr, "badcall: filter: %s\n", strerror(-err));
		return 3;
	}
	bad_headers(&c);
	bad_lengths(&c);
	bad_gets(&c);
	damage(&c, strtoull(argv[2], NULL, 0), (unsigned int)atoi(argv[3]));
	set(&c, "the same again", IPT_SO_SET_REPLACE, c.base, c.len);
	free(c.base);
	free(c.entries);
	free(c.counters);
	return 0;
}
