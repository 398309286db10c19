// SPDX-License-Identifier: GPL-2.0-only
/* The table server's calls and their errnos, over an enforcement that only counts. */
#include <fcntl.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

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

static int setup(void **arg)
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

static int teardown(void **arg)
{
	struct state *s = *arg;

	assert_int_equal(fake_open_changes, 0);
	xtbpf_reply_release(&s->reply);
	xtbpf_ns_drop(s->ns);
	free(s);
	return 0;
}

static int call(struct state *s, enum xtbpf_family family, bool set, int optname, const void *data,
		size_t size, uint64_t optlen)
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

static int get_info(struct state *s, const char *table, struct ipt_getinfo *info)
{
	int err;

	memset(info, 0, sizeof(*info));
	strncpy(info->name, table, sizeof(info->name));
	err = call(s, XTBPF_IPV4, false, IPT_SO_GET_INFO, info, sizeof(*info), sizeof(*info));
	if (!err)
		memcpy(info, s->reply.data, sizeof(*info));
	return err;
}

static int get_entries(struct state *s, const char *table, uint32_t size, uint64_t optlen)
{
	_cleanup_free_ struct ipt_get_entries *get = calloc(1, sizeof(*get) + size);

	assert_non_null(get);
	memset(get->entrytable, 0xaa, size);
	strncpy(get->name, table, sizeof(get->name));
	get->size = size;
	return call(s, XTBPF_IPV4, false, IPT_SO_GET_ENTRIES, get, sizeof(*get) + size, optlen);
}

static const struct ipt_entry *entry_at(const struct state *s, size_t offset)
{
	return (const void *)((const uint8_t *)s->reply.data + sizeof(struct ipt_get_entries) +
			      offset);
}

static int add_counters(struct state *s, const char *table, uint32_t n, uint64_t optlen)
{
	struct {
		struct xt_counters_info info;
		struct xt_counters c[16];
	} add = { 0 };

	strncpy(add.info.name, table, sizeof(add.info.name));
	add.info.num_counters = n;
	for (int i = 0; i < 16; i++)
		add.c[i] = (struct xt_counters){ .pcnt = 1 + i, .bcnt = 100 + i };
	return call(s, XTBPF_IPV4, true, IPT_SO_SET_ADD_COUNTERS, &add,
		    optlen < sizeof(add) ? optlen : sizeof(add), optlen);
}

/* ---- building a blob ------------------------------------------------- */

static struct xt_standard_target verdict_target(int verdict)
{
	struct xt_standard_target t = { .verdict = verdict };

	t.target.u.user.target_size = sizeof(t);
	return t;
}

static uint32_t put_rule(struct replace *r, const char *match, int verdict)
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

static void put_error(struct replace *r)
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
static void build(struct state *s, enum xtbpf_table_id id, const char *match, int rule, int policy)
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

static int replace(struct state *s)
{
	size_t size = sizeof(s->r.head) + s->r.head.size;

	return call(s, XTBPF_IPV4, true, IPT_SO_SET_REPLACE, &s->r, size, size);
}

/* ---- tests ----------------------------------------------------------- */

static void test_numbers(void **arg)
{
	static const struct {
		bool set;
		int v4, v6; /* bit n: option 60 + n exists */
	} known[] = { { true, 0x030, 0x030 }, { false, 0x0f0, 0x330 } };
	struct state *s = *arg;
	struct xtbpf_request req = { .ns = s->ns };

	for (int k = 0; k < 2; k++) {
		for (int i = 0; i < 40; i++) {
			int n = i / 2, mask = i % 2 ? known[k].v6 : known[k].v4;

			req.set = known[k].set;
			req.family = i % 2 ? XTBPF_IPV6 : XTBPF_IPV4;
			req.optname = 60 + n;
			xtbpf_serve(&req, &s->reply);
			assert_int_equal(s->reply.err, mask & (1 << n) ? -EPERM : -ENOPROTOOPT);
		}
	}
	assert_int_equal(call(s, XTBPF_IPV4, true, IPT_SO_SET_REPLACE, NULL, 0, (uint64_t)-1),
			 -EINVAL);
}

static void test_get_info(void **arg)
{
	struct state *s = *arg;
	struct ipt_getinfo info;
	char longname[32];

	assert_int_equal(call(s, XTBPF_IPV4, false, IPT_SO_GET_INFO, &info, 84, 83), -EINVAL);
	assert_int_equal(call(s, XTBPF_IPV4, false, IPT_SO_GET_INFO, &info, 84, 85), -EINVAL);
	assert_int_equal(call(s, XTBPF_IPV4, false, IPT_SO_GET_INFO, &info, 31, 84), -EFAULT);
	assert_int_equal(get_info(s, "nope", &info), -ENOENT);
	memset(longname, 'A', sizeof(longname));
	assert_int_equal(call(s, XTBPF_IPV4, false, IPT_SO_GET_INFO, longname, 32, 84), -ENOENT);
	assert_int_equal(fake_kernel.generation, 0);
	assert_int_equal(get_info(s, "filter", &info), 0);
	assert_int_equal(info.valid_hooks, 0x0e);
	assert_int_equal(info.num_entries, 4);
	assert_int_equal(info.size, 632);
	assert_int_equal(info.hook_entry[0], 0xffffffff);
	assert_int_equal(info.hook_entry[2], 152);
	assert_int_equal(info.underflow[3], 304);
	/* made once */
	assert_int_equal(fake_kernel.generation, 1);
	assert_int_equal(get_info(s, "filter", &info), 0);
	assert_int_equal(fake_kernel.generation, 1);
}

static void test_get_entries(void **arg)
{
	struct state *s = *arg;

	assert_int_equal(get_entries(s, "filter", 0, 39), -EINVAL);
	assert_int_equal(get_entries(s, "filter", 632, 40 + 631), -EINVAL);
	assert_int_equal(get_entries(s, "nope", 632, 40 + 632), -ENOENT);
	assert_int_equal(get_entries(s, "filter", 624, 40 + 624), -EAGAIN);
	assert_int_equal(call(s, XTBPF_IPV4, false, IPT_SO_GET_ENTRIES, "", 1, 40), -EFAULT);
	assert_int_equal(get_entries(s, "filter", 632, 40 + 632), 0);
	assert_int_equal(s->reply.size, 40 + 632);
	assert_int_equal(s->reply.skip_at, 0);
	assert_int_equal(s->reply.skip, 40);
	assert_int_equal(entry_at(s, 0)->comefrom, 1 << XTBPF_INPUT);
	assert_int_equal(entry_at(s, 304)->comefrom, 1 << XTBPF_OUTPUT);
}

/* xt_obj_to_user writes a name up to its NUL and no further. */
static void test_untouched_bytes(void **arg)
{
	struct state *s = *arg;
	const uint8_t *t;

	assert_int_equal(get_entries(s, "filter", 632, 40 + 632), 0);
	t = (const uint8_t *)entry_at(s, 0) + sizeof(struct ipt_entry);
	assert_int_equal(t[0], 40);
	assert_int_equal(t[2], 0);
	assert_int_equal(t[3], 0xaa);
	assert_int_equal(t[30], 0xaa);
	assert_int_equal(t[31], 0);
	assert_int_equal(t[36], 0);
}

static void test_add_counters(void **arg)
{
	struct state *s = *arg;

	assert_int_equal(add_counters(s, "filter", 0, 40), -EINVAL);
	assert_int_equal(add_counters(s, "filter", 0, 39), -EINVAL);
	assert_int_equal(add_counters(s, "filter", 4, 40 + 5 * 16), -EINVAL);
	assert_int_equal(add_counters(s, "filter", 0x10000004, 40 + 4 * 16), -EINVAL);
	assert_int_equal(add_counters(s, "nope", 4, 40 + 4 * 16), -ENOENT);
	assert_int_equal(add_counters(s, "filter", 5, 40 + 5 * 16), -EINVAL);
	assert_int_equal(add_counters(s, "filter", 20, 40 + 20 * 16), -EFAULT);
	assert_int_equal(add_counters(s, "filter", 4, 40 + 4 * 16), 0);
	assert_int_equal(get_entries(s, "filter", 632, 40 + 632), 0);
	assert_int_equal(entry_at(s, 152)->counters.pcnt, 2);
	assert_int_equal(entry_at(s, 152)->counters.bcnt, 101);
}

static int revision(struct state *s, enum xtbpf_family family, int optname, const char *name,
		    uint8_t rev)
{
	struct xt_get_revision r = { .revision = rev };

	strncpy(r.name, name, sizeof(r.name));
	return call(s, family, false, optname, &r, sizeof(r), sizeof(r));
}

static void test_revision(void **arg)
{
	struct state *s = *arg;

	assert_int_equal(revision(s, XTBPF_IPV4, 66, "tcp", 0), 0);
	assert_int_equal(revision(s, XTBPF_IPV4, 66, "tcp", 1), -EPROTONOSUPPORT);
	assert_int_equal(revision(s, XTBPF_IPV4, 66, "nosuch", 0), -ENOENT);
	assert_int_equal(revision(s, XTBPF_IPV4, 67, "ERROR", 0), 0);
	assert_int_equal(revision(s, XTBPF_IPV6, 68, "icmp6", 0), 0);
	assert_int_equal(revision(s, XTBPF_IPV6, 69, "", 0), 0);
	assert_int_equal(call(s, XTBPF_IPV4, false, 66, "", 0, 29), -EINVAL);
	assert_int_equal(call(s, XTBPF_IPV4, false, 66, "", 0, 30), -EFAULT);
}

static void test_replace(void **arg)
{
	struct state *s = *arg;
	struct ipt_getinfo info;

	assert_int_equal(add_counters(s, "filter", 4, 40 + 4 * 16), 0);
	build(s, XTBPF_FILTER, NULL, DROP, ACCEPT);
	assert_int_equal(replace(s), 0);
	assert_int_equal(s->reply.ncounters, 4);
	assert_int_equal(s->reply.counters[3].pcnt, 4);
	assert_int_equal(s->reply.counters_to, 0x1234);
	assert_null(s->reply.why);
	assert_int_equal(get_info(s, "filter", &info), 0);
	assert_int_equal(info.num_entries, 5);
	assert_int_equal(get_entries(s, "filter", info.size, 40 + info.size), 0);
	assert_int_equal(entry_at(s, 0)->counters.pcnt, 0);
	/* the count is of the table as it now is */
	assert_int_equal(replace(s), -EAGAIN);
	s->r.head.num_counters = 5;
	assert_int_equal(replace(s), 0);
}

static int replace_sized(struct state *s, size_t size, uint64_t optlen)
{
	return call(s, XTBPF_IPV4, true, IPT_SO_SET_REPLACE, &s->r, size, optlen);
}

static void test_replace_header(void **arg)
{
	struct state *s = *arg;
	struct ipt_replace *h = &s->r.head;
	size_t size;

	build(s, XTBPF_FILTER, NULL, 0, ACCEPT);
	size = sizeof(*h) + h->size;
	assert_int_equal(replace_sized(s, 95, 95), -EINVAL);
	assert_int_equal(replace_sized(s, 0, 96), -EFAULT);
	assert_int_equal(replace_sized(s, size, size - 1), -EINVAL);
	assert_int_equal(replace_sized(s, size - 1, size), -EFAULT);
	assert_int_equal(replace_sized(s, size, size + 64), 0);
	h->num_counters = 0;
	assert_int_equal(replace(s), -EINVAL);
	h->num_counters = INT_MAX / 16;
	assert_int_equal(replace(s), -ENOMEM);
	h->num_counters = INT_MAX / 16 - 1; /* over 512 MiB of counters */
	assert_int_equal(replace(s), -ENOMEM);
	h->num_counters = 5;
	assert_int_equal(replace(s), -EAGAIN);
	h->num_counters = 4;
	h->num_entries = (128u << 20) + 1;
	assert_int_equal(replace(s), -ENOMEM);
	h->num_entries = 5;
	assert_int_equal(replace(s), -EINVAL);
	h->num_entries = 4;
	h->size = 600u << 20;
	assert_int_equal(replace_sized(s, size, sizeof(*h) + (600ull << 20)), -ENOMEM);
}

static void test_replace_table(void **arg)
{
	struct state *s = *arg;

	build(s, XTBPF_FILTER, NULL, 0, ACCEPT);
	strcpy(s->r.head.name, "nope");
	assert_int_equal(replace(s), -ENOENT);
	s->r.head.num_entries = 9; /* the blob is judged before the name */
	assert_int_equal(replace(s), -EINVAL);
	build(s, XTBPF_FILTER, NULL, 0, ACCEPT);
	s->r.head.valid_hooks = 0x06;
	assert_int_equal(replace(s), -EINVAL);
	s->r.head.valid_hooks = 0x2e;
	assert_int_equal(replace(s), -EINVAL);
}

/* A refusal names the rule, and changes nothing. */
static void test_replace_refused(void **arg)
{
	struct state *s = *arg;
	struct ipt_getinfo info;

	build(s, XTBPF_FILTER, "recent", DROP, ACCEPT);
	assert_int_equal(replace(s), -ENOENT);
	assert_non_null(s->reply.why);
	assert_non_null(strstr(s->reply.why, "filter INPUT rule 1 (-A INPUT -m recent"));
	assert_non_null(strstr(s->reply.why, "recent"));
	assert_non_null(strstr(s->reply.why, "nothing was changed"));
	assert_string_equal(s->ns->why_text, s->reply.why);
	assert_string_equal(s->ns->why.chain, "INPUT");
	assert_int_equal(s->ns->why.rule, 1);
	assert_int_equal(get_info(s, "filter", &info), 0);
	assert_int_equal(info.num_entries, 4);
}

static void test_queue_waits_its_turn(void **arg)
{
	struct state *s = *arg;

	build(s, XTBPF_FILTER, NULL, -NF_QUEUE - 1, ACCEPT);
	assert_int_equal(replace(s), -EOPNOTSUPP);
	assert_non_null(s->reply.why);
	s->r.head.num_counters = 3; /* the kernel would have said this */
	assert_int_equal(replace(s), -EAGAIN);
	assert_null(s->reply.why);
}

static void test_load_fails(void **arg)
{
	struct state *s = *arg;
	static const int errors[][2] = { { -E2BIG, -EOPNOTSUPP },
					 { -EINVAL, -EOPNOTSUPP },
					 { -EFAULT, -EOPNOTSUPP },
					 { -EPERM, -EOPNOTSUPP },
					 { -ENOMEM, -ENOMEM } };
	struct ipt_getinfo info;

	assert_int_equal(get_info(s, "filter", &info), 0);
	build(s, XTBPF_FILTER, NULL, DROP, ACCEPT);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake_prepare_error = errors[i][0];
		assert_int_equal(replace(s), errors[i][1]);
		assert_non_null(s->reply.why);
		assert_int_equal(fake_kernel.generation, 1);
	}
	fake_prepare_error = 0;
	assert_int_equal(get_info(s, "filter", &info), 0);
	assert_int_equal(info.num_entries, 4);
	assert_int_equal(replace(s), 0);
}

static void test_disk_full(void **arg)
{
	struct state *s = *arg;
	struct ipt_getinfo info;
	char path[256];

	assert_int_equal(get_info(s, "filter", &info), 0);
	snprintf(path, sizeof(path), "%s/ns/%llu", dir, (unsigned long long)s->ns->ino);
	xtbpf_store_remove(s->ns->ino);
	close(open(path, O_CREAT | O_WRONLY, 0600)); /* a file where the directory should be */
	build(s, XTBPF_FILTER, NULL, DROP, ACCEPT);
	assert_int_equal(replace(s), -ENOMEM);
	assert_int_equal(fake_kernel.generation, 1);
	assert_int_equal(fake_open_changes, 0);
	unlink(path);
	assert_int_equal(replace(s), 0);
}

static void test_nat(void **arg)
{
	struct state *s = *arg;

	build(s, XTBPF_NAT, NULL, 0, ACCEPT);
	s->r.head.num_counters = 5;
	assert_int_equal(replace(s), 0);
	build(s, XTBPF_NAT, NULL, ACCEPT, ACCEPT);
	s->r.head.num_counters = 5;
	assert_int_equal(replace(s), -EOPNOTSUPP);
	assert_non_null(strstr(s->reply.why, "nat rules are not supported yet"));
	assert_non_null(strstr(s->reply.why, "nat PREROUTING rule 1"));
	build(s, XTBPF_NAT, NULL, 0, DROP);
	s->r.head.num_counters = 5;
	assert_int_equal(replace(s), -EOPNOTSUPP);
	assert_non_null(strstr(s->reply.why, "nat PREROUTING policy"));
}

static void test_names(void **arg)
{
	struct state *s = *arg;
	struct ipt_getinfo info;
	char *names = xtbpf_names(s->ns, XTBPF_IPV4);

	assert_string_equal(names, "");
	free(names);
	assert_int_equal(get_info(s, "nat", &info), 0);
	assert_int_equal(get_info(s, "raw", &info), 0);
	assert_int_equal(get_info(s, "filter", &info), 0);
	assert_int_equal(get_info(s, "nat", &info), 0);
	names = xtbpf_names(s->ns, XTBPF_IPV4);
	assert_string_equal(names, "filter\nraw\nnat\n");
	free(names);
	names = xtbpf_names(s->ns, XTBPF_IPV6);
	assert_string_equal(names, "");
	free(names);
}

/* The helper dies and comes back: tables and counters are as they were. */
static void test_restart(void **arg)
{
	struct state *s = *arg;
	struct ipt_getinfo info;

	build(s, XTBPF_FILTER, NULL, DROP, DROP);
	assert_int_equal(replace(s), 0);
	assert_int_equal(add_counters(s, "filter", 5, 40 + 5 * 16), 0);
	assert_int_equal(get_info(s, "raw", &info), 0);
	xtbpf_shutdown();
	s->ns->ntables = 0;
	assert_int_equal(xtbpf_restore_all(), 0);
	assert_non_null(s->ns->tables[XTBPF_IPV4][XTBPF_FILTER]);
	assert_non_null(s->ns->tables[XTBPF_IPV4][XTBPF_RAW]);
	assert_null(s->ns->tables[XTBPF_IPV4][XTBPF_NAT]);
	assert_int_equal(s->ns->ntables, 2);
	assert_int_equal(get_info(s, "filter", &info), 0);
	assert_int_equal(info.num_entries, 5);
	assert_int_equal(get_entries(s, "filter", info.size, 40 + info.size), 0);
	assert_int_equal(entry_at(s, 0)->counters.pcnt, 1);
}

/* Blobs gone, rules in force: an empty table in their place would open the door. */
static void test_restart_without_state(void **arg)
{
	struct state *s = *arg;
	struct ipt_getinfo info;
	uint32_t gen;

	build(s, XTBPF_FILTER, NULL, DROP, DROP);
	assert_int_equal(replace(s), 0);
	gen = fake_kernel.generation;
	xtbpf_shutdown();
	xtbpf_store_remove(s->ns->ino);
	assert_int_equal(get_info(s, "filter", &info), -EUCLEAN);
	assert_non_null(strstr(s->reply.why, "stay in force"));
	assert_int_equal(replace(s), -EUCLEAN);
	assert_int_equal(fake_kernel.generation, gen);
}

static void test_ipv6(void **arg)
{
	struct state *s = *arg;
	struct ip6t_getinfo info = { .name = "filter" };
	_cleanup_free_ struct ip6t_get_entries *get = NULL;
	const struct ip6t_entry *e;

	assert_int_equal(call(s, XTBPF_IPV6, false, IP6T_SO_GET_INFO, &info, 84, 84), 0);
	memcpy(&info, s->reply.data, sizeof(info));
	assert_int_equal(info.num_entries, 4);
	assert_int_equal(info.size, 3 * 208 + 232);
	get = calloc(1, sizeof(*get) + info.size);
	assert_non_null(get);
	strcpy(get->name, "filter");
	get->size = info.size;
	assert_int_equal(call(s, XTBPF_IPV6, false, IP6T_SO_GET_ENTRIES, get,
			      sizeof(*get) + info.size, sizeof(*get) + info.size),
			 0);
	e = (const void *)((const uint8_t *)s->reply.data + sizeof(*get) + 208);
	assert_int_equal(e->comefrom, 1 << XTBPF_FORWARD);
	assert_int_equal(e->next_offset, 208);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers),
		TEST(test_get_info),
		TEST(test_get_entries),
		TEST(test_untouched_bytes),
		TEST(test_add_counters),
		TEST(test_revision),
		TEST(test_replace),
		TEST(test_replace_header),
		TEST(test_replace_table),
		TEST(test_replace_refused),
		TEST(test_queue_waits_its_turn),
		TEST(test_load_fails),
		TEST(test_disk_full),
		TEST(test_nat),
		TEST(test_names),
		TEST(test_restart),
		TEST(test_restart_without_state),
		TEST(test_ipv6),
	};
	char path[64];
	int failed;

	if (!mkdtemp(dir) || setenv("XTBPF_RUNDIR", dir, 1) || setenv("XTBPF_BPFFS", dir, 1))
		return 1;
	xtbpf_log_level(0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(path, sizeof(path), "%s/ns", dir);
	rmdir(path);
	rmdir(dir);
	return failed;
}
