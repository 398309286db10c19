// SPDX-License-Identifier: GPL-2.0-only
/* -m frag */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6t_frag.h>

static enum outcome run(const struct ip6t_frag *info, uint16_t offset, uint32_t len)
{
	uint8_t h[28] = { 6, 0, (uint8_t)(offset >> 8), (uint8_t)offset, 0, 0, 0, 5 };
	const struct match_spec m = { "frag", 0, sizeof(*info), info };

	return ext6(&m, 44, h, len);
}

static void check(void **state)
{
	struct ip6t_frag info = { .invflags = 3, .flags = 0xff };

	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "frag", 0, &info, sizeof(info)), 0);
	info.invflags = 4;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "frag", 0, &info, sizeof(info)), -EINVAL);
}

static void ids(void **state)
{
	struct ip6t_frag info = { .ids = { 5, 5 } };

	assert_int_equal(run(&info, 0, 28), MATCH);
	assert_int_equal(run(&info, 8, 28), MATCH); /* a later one, too */
	info.invflags = IP6T_FRAG_INV_IDS;
	assert_int_equal(run(&info, 0, 28), MISS);
	info.ids[1] = 4; /* nothing lies between */
	assert_int_equal(run(&info, 0, 28), MATCH);
}

static void flags(void **state)
{
	struct ip6t_frag info = { .ids = { 0, 9 }, .flags = IP6T_FRAG_FST };

	assert_int_equal(run(&info, 1, 28), MATCH);
	assert_int_equal(run(&info, 9, 28), MISS);
	info.flags = IP6T_FRAG_MF;
	assert_int_equal(run(&info, 9, 28), MATCH);
	assert_int_equal(run(&info, 8, 28), MISS);
	info.flags = IP6T_FRAG_NMF;
	assert_int_equal(run(&info, 8, 28), MATCH);
	info.flags = IP6T_FRAG_RES;
	assert_int_equal(run(&info, 8, 28), MATCH);
	assert_int_equal(run(&info, 10, 28), MISS);
	info.flags = IP6T_FRAG_LEN; /* the header length is not looked at */
	assert_int_equal(run(&info, 0, 28), MATCH);
}

static void cut(void **state)
{
	struct ip6t_frag info = { .ids = { 0, 9 } };

	assert_int_equal(run(&info, 0, 8), MATCH);
	assert_int_equal(run(&info, 0, 7), HOT);
	assert_int_equal(run(&info, 0, 3), HOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(ids),
		cmocka_unit_test(flags),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
