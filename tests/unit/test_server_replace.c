// SPDX-License-Identifier: GPL-2.0-only
/* SET_REPLACE: checks in the kernel's order, and all or nothing. */
#include "server_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replace),
		TEST(test_replace_header),
		TEST(test_replace_table),
		TEST(test_replace_refused),
		TEST(test_queue_waits_its_turn),
		TEST(test_load_fails),
		TEST(test_disk_full),
		TEST(test_nat),
	};

	return RUN(tests);
}
