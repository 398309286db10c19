// SPDX-License-Identifier: GPL-2.0-only
/* -m u32 */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_u32.h>

static const uint8_t l4[8] = { 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 4 };

/* IPv4: the header is 20 bytes */
static enum outcome run(const struct xt_u32 *info)
{
	const struct match_spec m = { "u32", 0, sizeof(*info), info };

	return onematch(XTBPF_IPV4, 17, &m, 0, l4, sizeof(l4));
}

static struct xt_u32 word(uint32_t at, uint32_t min, uint32_t max)
{
	struct xt_u32 info = { .ntests = 1 };

	info.tests[0].nnums = info.tests[0].nvalues = 1;
	info.tests[0].location[0].number = at;
	info.tests[0].value[0] = (struct xt_u32_value_element){ min, max };
	return info;
}

static void check(void **state)
{
	struct xt_u32 info = word(0, 0, 1);

	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "u32", 0, &info, sizeof(info)), 0);
	info.tests[0].nnums = 12;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "u32", 0, &info, sizeof(info)), -EINVAL);
	info.tests[0].nnums = 2;
	info.tests[0].location[1].nextop = XT_U32_LEFTSH;
	info.tests[0].location[1].number = 32;
	assert_int_equal(onematch_check(XTBPF_IPV4, 0, "u32", 0, &info, sizeof(info)), -EINVAL);
	info.tests[0].location[1].number = 31;
	assert_int_equal(onematch_check(XTBPF_IPV4, 0, "u32", 0, &info, sizeof(info)), 0);
	info.ntests = 12;
	assert_int_equal(onematch_check(XTBPF_IPV4, 0, "u32", 0, &info, sizeof(info)), -EINVAL);
}

static void words(void **state)
{
	struct xt_u32 info = word(20, 0x12345678, 0x12345678);

	assert_int_equal(run(&info), MATCH);
	info.invert = 1;
	assert_int_equal(run(&info), MISS);
	info = word(24, 4, 4); /* the last word */
	assert_int_equal(run(&info), MATCH);
	info = word(25, 0, UINT32_MAX); /* beyond the end: never, inverted always */
	assert_int_equal(run(&info), MISS);
	info.invert = 1;
	assert_int_equal(run(&info), MATCH);
	info.invert = 2; /* not a bool: always */
	assert_int_equal(run(&info), MATCH);
}

static void operators(void **state)
{
	struct xt_u32 info = word(0, 0x5678, 0x5678);
	struct xt_u32_location_element *l = info.tests[0].location;

	/* 0>>22&0x3C@0&0xFFFF */
	info.tests[0].nnums = 5;
	l[1] = (struct xt_u32_location_element){ 22, XT_U32_RIGHTSH };
	l[2] = (struct xt_u32_location_element){ 0x3c, XT_U32_AND };
	l[3] = (struct xt_u32_location_element){ 0, XT_U32_AT };
	l[4] = (struct xt_u32_location_element){ 0xffff, XT_U32_AND };
	assert_int_equal(run(&info), MATCH);
	l[3].number = 4;
	assert_int_equal(run(&info), MISS);
	l[3].number = 5; /* beyond the end */
	info.tests[0].value[0] = (struct xt_u32_value_element){ 0, UINT32_MAX };
	assert_int_equal(run(&info), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(words),
		cmocka_unit_test(operators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
