// SPDX-License-Identifier: GPL-2.0-only
/* -m mh */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6t_mh.h>

static const uint8_t header[8] = { 59, 0, 3 };

static enum outcome run(const struct ip6t_mh *info, const uint8_t *h, uint32_t len, uint16_t frag)
{
	const struct match_spec m = { "mh", 0, sizeof(*info), info };

	return onematch(XTBPF_IPV6, 135, &m, frag, h, len);
}

static void check(void **state)
{
	struct ip6t_mh info = { .invflags = 1 };

	assert_int_equal(onematch_check(XTBPF_IPV6, 135, "mh", 0, &info, sizeof(info)), 0);
	assert_int_equal(onematch_check(XTBPF_IPV6, 6, "mh", 0, &info, sizeof(info)), -EINVAL);
	info.invflags = 2;
	assert_int_equal(onematch_check(XTBPF_IPV6, 135, "mh", 0, &info, sizeof(info)), -EINVAL);
}

static void types(void **state)
{
	struct ip6t_mh info = { .types = { 3, 4 } };

	assert_int_equal(run(&info, header, 8, 0), MATCH);
	info.invflags = IP6T_MH_INV_TYPE;
	assert_int_equal(run(&info, header, 8, 0), MISS);
	info.types[1] = 2;
	assert_int_equal(run(&info, header, 8, 0), MATCH);
}

static void odd(void **state)
{
	static const uint8_t payload[8] = { 6, 0, 3 };
	struct ip6t_mh info = { .types = { 0, 255 } };

	assert_int_equal(run(&info, payload, 8, 0), HOT); /* nothing may follow it */
	assert_int_equal(run(&info, header, 6, 0), MATCH);
	assert_int_equal(run(&info, header, 5, 0), HOT);
	assert_int_equal(run(&info, header, 8, 1), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(types),
		cmocka_unit_test(odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
