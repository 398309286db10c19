// SPDX-License-Identifier: GPL-2.0-only
/* The table server's calls and their errnos, over an enforcement that only counts. */
#include "server_fixture.h"

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

/* Names end in zeros, whatever the one who set the table had there. */
static void test_name_tails(void **arg)
{
	struct state *s = *arg;
	const uint8_t *t;

	build(s, XTBPF_FILTER, NULL, 0, ACCEPT);
	memset(s->r.blob + sizeof(struct ipt_entry) + 3, 0x55, 28);
	assert_int_equal(replace(s), 0);
	assert_int_equal(get_entries(s, "filter", 632, 40 + 632), 0);
	t = (const uint8_t *)entry_at(s, 0) + sizeof(struct ipt_entry);
	assert_int_equal(t[0], 40);
	assert_int_equal(t[2], 0);
	assert_int_equal(t[3], 0);
	assert_int_equal(t[30], 0);
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

	snprintf(r.name, sizeof(r.name), "%s", name);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers),    TEST(test_get_info),	TEST(test_get_entries),
		TEST(test_name_tails), TEST(test_add_counters), TEST(test_revision),
		TEST(test_names),      TEST(test_restart),	TEST(test_restart_without_state),
		TEST(test_ipv6),
	};

	return RUN(tests);
}
