// SPDX-License-Identifier: GPL-2.0-only
/* The five tables and their initial blobs, as measured on the kernel. */
#include "unit.h"

#include <linux/netfilter_ipv4.h>
#include <string.h>
#include <xtbpf/translator.h>

struct expected {
	enum xtbpf_table_id id;
	const char *name;
	uint32_t hooks, entries, size4;
};

static const struct expected expected[] = {
	{ XTBPF_FILTER, "filter", 0x0e, 4, 632 },     { XTBPF_NAT, "nat", 0x1b, 5, 784 },
	{ XTBPF_MANGLE, "mangle", 0x1f, 6, 936 },     { XTBPF_RAW, "raw", 0x09, 3, 480 },
	{ XTBPF_SECURITY, "security", 0x0e, 4, 632 },
};

#define COUNT (sizeof(expected) / sizeof(expected[0]))

static void definitions(void **state)
{
	unsigned int i;

	for (i = 0; i < COUNT; i++) {
		assert_int_equal(xtbpf_table_find(expected[i].name), expected[i].id);
		assert_string_equal(xtbpf_table_def(expected[i].id)->name, expected[i].name);
		assert_int_equal(xtbpf_table_def(expected[i].id)->valid_hooks, expected[i].hooks);
	}
	assert_int_equal(xtbpf_table_find("broute"), XTBPF_NTABLE);
	assert_int_equal(xtbpf_table_find(""), XTBPF_NTABLE);
	assert_string_equal(xtbpf_hook_name(XTBPF_PREROUTING), "PREROUTING");
	assert_string_equal(xtbpf_hook_name(XTBPF_POSTROUTING), "POSTROUTING");
}

static void priorities(void **state)
{
	assert_int_equal(xtbpf_table_def(XTBPF_RAW)->priority[XTBPF_PREROUTING], -300);
	assert_int_equal(xtbpf_table_def(XTBPF_MANGLE)->priority[XTBPF_FORWARD], -150);
	assert_int_equal(xtbpf_table_def(XTBPF_NAT)->priority[XTBPF_PREROUTING], -100);
	assert_int_equal(xtbpf_table_def(XTBPF_NAT)->priority[XTBPF_OUTPUT], -100);
	assert_int_equal(xtbpf_table_def(XTBPF_NAT)->priority[XTBPF_INPUT], 100);
	assert_int_equal(xtbpf_table_def(XTBPF_NAT)->priority[XTBPF_POSTROUTING], 100);
	assert_int_equal(xtbpf_table_def(XTBPF_FILTER)->priority[XTBPF_INPUT], 0);
	assert_int_equal(xtbpf_table_def(XTBPF_SECURITY)->priority[XTBPF_OUTPUT], 50);
}

/* An initial table passes our own checks, and accepts and counts at its policies. */
static void initial(enum xtbpf_family family, const struct expected *e)
{
	uint8_t bytes[40] = { family == XTBPF_IPV6 ? 0x60 : 0x45 };
	struct xtbpf_packet pkt = { .l3 = bytes, .len = sizeof(bytes) };
	struct xtbpf_ruleset *rs = NULL;
	struct xtbpf_blob b;
	uint32_t hit[2], n = 0;
	unsigned int h;

	assert_int_equal(xtbpf_blob_initial(family, e->id, &b), 0);
	assert_int_equal(b.num_entries, e->entries);
	assert_int_equal(b.size, e->size4 + (family == XTBPF_IPV6 ? 56 * e->entries : 0));
	assert_int_equal(xtbpf_ruleset_new(&b, true, &rs, NULL), 0);
	for (h = 0; h < XTBPF_NHOOK; h++) {
		struct xtbpf_path path = { hit, 0, 2 };

		assert_int_equal(xtbpf_eval(rs, h, &pkt, &path), XTBPF_ACCEPT);
		if (!(e->hooks & 1u << h)) {
			assert_int_equal(b.hook_entry[h], XTBPF_NO_HOOK);
			assert_int_equal(path.nhits, 0);
			continue;
		}
		assert_int_equal(path.nhits, 1);
		assert_int_equal(hit[0], n++);
	}
	xtbpf_ruleset_free(rs);
	xtbpf_blob_release(&b);
	assert_null(b.entries);
}

static void initial_blobs(void **state)
{
	unsigned int i;

	for (i = 0; i < COUNT; i++) {
		initial(XTBPF_IPV4, &expected[i]);
		initial(XTBPF_IPV6, &expected[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions),
		cmocka_unit_test(priorities),
		cmocka_unit_test(initial_blobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
