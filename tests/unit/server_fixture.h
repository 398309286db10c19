/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls to the table server as clients make them, for the tests of the server.
 * Include it in one file of a test program.
 */
#ifndef SERVER_FIXTURE_H
#define SERVER_FIXTURE_H

/* libc first: its headers and the kernel's agree only in this order */
#include <net/if.h>
#include <netinet/in.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_enforce.h"
#include "umh/cleanup.h"
#include "umh/log.h"
#include "umh/server.h"
#include "umh/store.h"

#define BLOB_MAX 4096

/* A SET_REPLACE as libiptc sends it. */
struct replace {
	struct ipt_replace head;
	uint8_t blob[BLOB_MAX];
};

struct state {
	struct xtbpf_ns *ns;
	struct xtbpf_reply reply;
	struct replace r;
};

static char dir[] = "/tmp/xtbpf-server-XXXXXX";

static inline int setup(void **arg)
{
	struct state *s = calloc(1, sizeof(*s));
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	assert_non_null(s);
	memset(&fake_kernel, 0, sizeof(fake_kernel));
	fake_prepare_error = 0;
	fake_open_error = 0;
	assert_int_equal(xtbpf_ns_get(fd, &s->ns), 0);
	close(fd);
	*arg = s;
	return 0;
}

static inline int teardown(void **arg)
{
	struct state *s = *arg;

	assert_int_equal(fake_open_changes, 0);
	xtbpf_reply_release(&s->reply);
	xtbpf_ns_drop(s->ns);
	free(s);
	return 0;
}

static inline int call(struct state *s, enum xtbpf_family family, bool set, int optname,
		       const void *data, size_t size, uint64_t optlen)
{
	struct xtbpf_request req = {
		.ns = s->ns,
		.family = family,
		.set = set,
		.capable = true,
		.optname = optname,
		.optlen = optlen,
		.data = data,
		.size = size,
	};

	xtbpf_reply_release(&s->reply);
	xtbpf_serve(&req, &s->reply);
	return s->reply.err;
}

static inline int get_info(struct state *s, const char *table, struct ipt_getinfo *info)
{
	int err;

	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", table);
	err = call(s, XTBPF_IPV4, false, IPT_SO_GET_INFO, info, sizeof(*info), sizeof(*info));
	if (!err)
		memcpy(info, s->reply.data, sizeof(*info));
	return err;
}

static inline int get_entries(struct state *s, const char *table, uint32_t size, uint64_t optlen)
{
	_cleanup_free_ struct ipt_get_entries *get = calloc(1, sizeof(*get) + size);

	assert_non_null(get);
	memset(get->entrytable, 0xaa, size);
	snprintf(get->name, sizeof(get->name), "%s", table);
	get->size = size;
	return call(s, XTBPF_IPV4, false, IPT_SO_GET_ENTRIES, get, sizeof(*get) + size, optlen);
}

static inline const struct ipt_entry *entry_at(const struct state *s, size_t offset)
{
	return (const void *)((const uint8_t *)s->reply.data + sizeof(struct ipt_get_entries) +
			      offset);
}

static inline int add_counters(struct state *s, const char *table, uint32_t n, uint64_t optlen)
{
	struct {
		struct xt_counters_info info;
		struct xt_counters c[16];
	} add = { 0 };

	snprintf(add.info.name, sizeof(add.info.name), "%s", table);
	add.info.num_counters = n;
	for (int i = 0; i < 16; i++)
		add.c[i] = (struct xt_counters){ .pcnt = 1 + i, .bcnt = 100 + i };
	return call(s, XTBPF_IPV4, true, IPT_SO_SET_ADD_COUNTERS, &add,
		    optlen < sizeof(add) ? optlen : sizeof(add), optlen);
}

/* ---- building a blob ------------------------------------------------- */

static inline struct xt_standard_target verdict_target(int verdict)
{
	struct xt_standard_target t = { .verdict = verdict };

	t.target.u.user.target_size = sizeof(t);
	return t;
}

static inline uint32_t put_rule(struct replace *r, const char *match, int verdict)
{
	struct ipt_entry e = { 0 };
	struct xt_entry_match m = { 0 };
	struct xt_standard_target t = verdict_target(verdict);
	uint32_t at = r->head.size;
	uint8_t *to = r->blob + at;

	e.target_offset = sizeof(e) + (match ? sizeof(m) + 8 : 0);
	e.next_offset = e.target_offset + sizeof(t);
	assert_true(at + e.next_offset <= BLOB_MAX);
	memset(to, 0, e.next_offset);
	memcpy(to, &e, sizeof(e));
	if (match) {
		m.u.user.match_size = sizeof(m) + 8;
		strcpy(m.u.user.name, match);
		memcpy(to + sizeof(e), &m, sizeof(m));
	}
	memcpy(to + e.target_offset, &t, sizeof(t));
	r->head.size += e.next_offset;
	r->head.num_entries++;
	return at;
}

static inline void put_error(struct replace *r)
{
	struct ipt_entry e = { 0 };
	struct xt_error_target t = { 0 };
	uint8_t *to = r->blob + r->head.size;

	e.target_offset = sizeof(e);
	e.next_offset = sizeof(e) + sizeof(t);
	t.target.u.user.target_size = sizeof(t);
	strcpy(t.target.u.user.name, XT_ERROR_TARGET);
	strcpy(t.errorname, XT_ERROR_TARGET);
	memcpy(to, &e, sizeof(e));
	memcpy(to + sizeof(e), &t, sizeof(t));
	r->head.size += e.next_offset;
	r->head.num_entries++;
}

enum { ACCEPT = -NF_ACCEPT - 1, DROP = -NF_DROP - 1 };

/* A table of empty chains, with one rule in its first chain unless rule is 0. */
static inline void build(struct state *s, enum xtbpf_table_id id, const char *match, int rule,
			 int policy)
{
	const struct xtbpf_table_def *def = xtbpf_table_def(id);
	struct replace *r = &s->r;
	bool first = true;

	memset(r, 0, sizeof(*r));
	strcpy(r->head.name, def->name);
	r->head.valid_hooks = def->valid_hooks;
	for (int h = 0; h < XTBPF_NHOOK; h++) {
		if (!(def->valid_hooks & (1u << h)))
			continue;
		r->head.hook_entry[h] = r->head.size;
		if (first && rule)
			put_rule(r, match, rule);
		r->head.underflow[h] = put_rule(r, NULL, first ? policy : ACCEPT);
		first = false;
	}
	put_error(r);
	r->head.num_counters = 4;
	r->head.counters = (void *)0x1234;
}

static inline int replace(struct state *s)
{
	size_t size = sizeof(s->r.head) + s->r.head.size;

	return call(s, XTBPF_IPV4, true, IPT_SO_SET_REPLACE, &s->r, size, size);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Runs the tests with state of their own. */
#define RUN(tests) run_server_tests(tests, sizeof(tests) / sizeof((tests)[0]))
static inline int run_server_tests(const struct CMUnitTest *tests, size_t n)
{
	char path[64];
	int failed;

	if (!mkdtemp(dir) || setenv("XTBPF_RUNDIR", dir, 1) || setenv("XTBPF_BPFFS", dir, 1))
		return 1;
	xtbpf_log_level(0);
	failed = _cmocka_run_group_tests("server", tests, n, NULL, NULL);
	snprintf(path, sizeof(path), "%s/ns", dir);
	rmdir(path);
	rmdir(dir);
	return failed;
}

#endif
