// SPDX-License-Identifier: GPL-2.0-only
/* -m icmp */
#include "unit.h"

#include "onematch.h"

#include <errno.h>

/* type 3, code 4 */
static const uint8_t message[12] = { 3, 4 };

static enum outcome run(const struct ipt_icmp *info, uint32_t len, uint16_t frag)
{
	const struct match_spec m = { "icmp", 0, sizeof(*info), info };

	return onematch(XTBPF_IPV4, 1, &m, frag, message, len);
}

static void check(void **state)
{
	struct ipt_icmp info = { .type = 3, .invflags = 1 };

	assert_int_equal(onematch_check(XTBPF_IPV4, 1, "icmp", 0, &info, sizeof(info)), 0);
	assert_int_equal(onematch_check(XTBPF_IPV4, 6, "icmp", 0, &info, sizeof(info)), -EINVAL);
	info.invflags = 2;
	assert_int_equal(onematch_check(XTBPF_IPV4, 1, "icmp", 0, &info, sizeof(info)), -EINVAL);
}

static void types_and_codes(void **state)
{
	struct ipt_icmp info = { .type = 3, .code = { 0, 255 } };

	assert_int_equal(run(&info, 12, 0), MATCH);
	info.code[0] = info.code[1] = 4;
	assert_int_equal(run(&info, 12, 0), MATCH);
	info.invflags = 1;
	assert_int_equal(run(&info, 12, 0), MISS);
	info.code[1] = 3; /* an empty range */
	assert_int_equal(run(&info, 12, 0), MATCH);
	info.invflags = 0;
	assert_int_equal(run(&info, 12, 0), MISS);
	info.type = 4;
	info.code[1] = 255;
	assert_int_equal(run(&info, 12, 0), MISS);
}

/* 255 is any type */
static void type_255(void **state)
{
	struct ipt_icmp info = { .type = 255, .code = { 0, 255 } };

	assert_int_equal(run(&info, 12, 0), MATCH);
	info.invflags = 1;
	assert_int_equal(run(&info, 12, 0), MISS);
}

static void short_and_fragments(void **state)
{
	struct ipt_icmp info = { .type = 255, .code = { 0, 255 } };

	assert_int_equal(run(&info, 8, 0), MATCH);
	assert_int_equal(run(&info, 7, 0), HOT);
	assert_int_equal(run(&info, 0, 0), HOT);
	assert_int_equal(run(&info, 12, 1), MISS);
	info.invflags = 1;
	assert_int_equal(run(&info, 12, 9), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(types_and_codes),
		cmocka_unit_test(type_255),
		cmocka_unit_test(short_and_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
