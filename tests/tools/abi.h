/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The xtables socket options by hand, for abiprobe.c: blobs piece by piece, so
 * that every piece can be wrong. One family a run.
 */
#ifndef ABI_H
#define ABI_H

/* libc first: its headers and the kernel's agree only in this order */
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ACCEPT = -NF_ACCEPT - 1,
	DROP = -NF_DROP - 1,
	QUEUE = -NF_QUEUE - 1,
	RETURN = -NF_REPEAT - 1
};

#define BLOB_MAX 16384

/* What differs between the families. */
struct shape {
	int af, level;
	uint16_t head; /* of an entry */
	uint16_t proto, flags, invflags, nfcache, target_offset, next_offset, comefrom, counters;
	uint8_t f_goto;
	int get_match, get_target;
};

struct probe {
	const struct shape *s;
	int fd;
};

/* A SET_REPLACE; @blob continues @head in memory, as in the client's buffer. */
struct repl {
	struct ipt_replace head;
	uint8_t blob[BLOB_MAX];
};

static const struct shape shape4 = {
	.af = AF_INET,
	.level = IPPROTO_IP,
	.head = sizeof(struct ipt_entry),
	.proto = offsetof(struct ipt_entry, ip.proto),
	.flags = offsetof(struct ipt_entry, ip.flags),
	.invflags = offsetof(struct ipt_entry, ip.invflags),
	.nfcache = offsetof(struct ipt_entry, nfcache),
	.target_offset = offsetof(struct ipt_entry, target_offset),
	.next_offset = offsetof(struct ipt_entry, next_offset),
	.comefrom = offsetof(struct ipt_entry, comefrom),
	.counters = offsetof(struct ipt_entry, counters),
	.f_goto = IPT_F_GOTO,
	.get_match = 66,
	.get_target = 67,
};

static const struct shape shape6 = {
	.af = AF_INET6,
	.level = IPPROTO_IPV6,
	.head = sizeof(struct ip6t_entry),
	.proto = offsetof(struct ip6t_entry, ipv6.proto),
	.flags = offsetof(struct ip6t_entry, ipv6.flags),
	.invflags = offsetof(struct ip6t_entry, ipv6.invflags),
	.nfcache = offsetof(struct ip6t_entry, nfcache),
	.target_offset = offsetof(struct ip6t_entry, target_offset),
	.next_offset = offsetof(struct ip6t_entry, next_offset),
	.comefrom = offsetof(struct ip6t_entry, comefrom),
	.counters = offsetof(struct ip6t_entry, counters),
	.f_goto = IP6T_F_GOTO,
	.get_match = 68,
	.get_target = 69,
};

/* ---- calls ----------------------------------------------------------- */

static inline const char *name_of(int err)
{
	return err ? strerrorname_np(err) : "OK";
}

static inline int set(const struct probe *p, int opt, const void *data, socklen_t len)
{
	return setsockopt(p->fd, p->s->level, opt, data, len) ? errno : 0;
}

static inline int get(const struct probe *p, int opt, void *data, socklen_t len)
{
	return getsockopt(p->fd, p->s->level, opt, data, &len) ? errno : 0;
}

static inline int get_info(const struct probe *p, const char *table, struct ipt_getinfo *info)
{
	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", table);
	return get(p, IPT_SO_GET_INFO, info, sizeof(*info));
}

/* FNV-1a: outputs stay short and comparable. */
static inline uint64_t digest(const void *data, size_t n)
{
	const uint8_t *b = data;
	uint64_t sum = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ b[i]) * 0x100000001b3ull;
	return sum;
}

/* GET_ENTRIES into zeros: the kernel leaves bytes behind names alone, xtbpf writes zeros. */
static inline struct ipt_get_entries *get_entries(const struct probe *p, const char *table,
						  uint32_t size, int *err)
{
	struct ipt_get_entries *g = malloc(sizeof(*g) + size);

	memset(g, 0, sizeof(*g) + size);
	snprintf(g->name, sizeof(g->name), "%s", table);
	g->size = size;
	*err = get(p, IPT_SO_GET_ENTRIES, g, sizeof(*g) + size);
	return g;
}

/* ---- blobs ----------------------------------------------------------- */

static inline void put16(uint8_t *at, uint16_t v)
{
	memcpy(at, &v, sizeof(v));
}

static inline void put32(uint8_t *at, uint32_t v)
{
	memcpy(at, &v, sizeof(v));
}

/* A match: padded to 8. Returns its size. */
static inline uint16_t put_match(uint8_t *at, const char *name, uint8_t rev, const void *data,
				 uint16_t len)
{
	uint16_t size = 32 + (len + 7) / 8 * 8;

	memset(at, 0, size);
	put16(at, size);
	memcpy(at + 2, name, strlen(name));
	at[31] = rev;
	memcpy(at + 32, data, len);
	return size;
}

/* Starts an entry; *at is its offset. Matches go behind it, then end_entry. */
static inline uint8_t *start_entry(const struct probe *p, struct repl *r)
{
	uint8_t *e = r->blob + r->head.size;

	memset(e, 0, p->s->head);
	put16(e + p->s->target_offset, p->s->head);
	return e;
}

static inline void end_entry(const struct probe *p, struct repl *r, uint8_t *e, uint16_t matches,
			     uint16_t target)
{
	put16(e + p->s->target_offset, p->s->head + matches);
	put16(e + p->s->next_offset, p->s->head + matches + target);
	r->head.size += p->s->head + matches + target;
	r->head.num_entries++;
}

/* An entry with a standard target and `matches` bytes of match already in place. */
static inline uint32_t put_rule(const struct probe *p, struct repl *r, uint16_t matches,
				int verdict)
{
	uint32_t at = r->head.size;
	uint8_t *e = r->blob + at, *t = e + p->s->head + matches;

	if (!matches)
		e = start_entry(p, r);
	memset(t, 0, 40);
	put16(t, 40);
	put32(t + 32, (uint32_t)verdict);
	end_entry(p, r, e, matches, 40);
	return at;
}

static inline uint32_t put_error(const struct probe *p, struct repl *r, const char *name)
{
	uint32_t at = r->head.size;
	uint8_t *e = start_entry(p, r), *t = e + p->s->head;

	memset(t, 0, 64);
	put16(t, 64);
	strcpy((char *)t + 2, "ERROR");
	memcpy(t + 32, name, strlen(name));
	end_entry(p, r, e, 0, 64);
	return at;
}

/* Offsets that jump tests need are those of the entries; fill() makes the usual filter table. */
struct layout {
	uint32_t rule; /* the rule in INPUT, if any */
	uint32_t policy[3];
	uint32_t chain, first; /* head of the user chain, its first rule */
	uint32_t last;
};

static inline void begin(struct repl *r, const char *table, uint32_t hooks)
{
	memset(r, 0, sizeof(*r));
	strcpy(r->head.name, table);
	r->head.valid_hooks = hooks;
}

static inline void policies(const struct probe *p, struct repl *r, struct layout *l, int input)
{
	for (int i = 0; i < 3; i++) {
		l->policy[i] = put_rule(p, r, 0, i ? ACCEPT : input);
		r->head.hook_entry[1 + i] = l->policy[i];
		r->head.underflow[1 + i] = l->policy[i];
	}
	r->head.hook_entry[1] = 0;
}

static inline int replace(const struct probe *p, struct repl *r)
{
	struct ipt_getinfo info;

	if (!r->head.num_counters && !get_info(p, r->head.name, &info))
		r->head.num_counters = info.num_entries;
	return set(p, IPT_SO_SET_REPLACE, r, sizeof(r->head) + r->head.size);
}

#endif
