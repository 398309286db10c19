// SPDX-License-Identifier: GPL-2.0-only
/* -m ah, IPv6 */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6t_ah.h>

/* TCP behind it, 16 bytes, SPI 5 */
static const uint8_t auth[36] = { 6, 2, 0, 0, 0, 0, 0, 5 };

static enum outcome run(const struct ip6t_ah *info, uint32_t len)
{
	const struct match_spec m = { "ah", 0, sizeof(*info), info };

	return ext6(&m, 51, auth, len);
}

static void check(void **state)
{
	struct ip6t_ah info = { .invflags = 3 };

	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "ah", 0, &info, sizeof(info)), 0);
	info.invflags = 4;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "ah", 0, &info, sizeof(info)), -EINVAL);
}

static void fields(void **state)
{
	struct ip6t_ah info = { .spis = { 5, 6 }, .hdrlen = 16, .hdrres = 1 };

	assert_int_equal(run(&info, 36), MATCH);
	info.invflags = IP6T_AH_INV_LEN;
	assert_int_equal(run(&info, 36), MISS);
	info.hdrlen = 0; /* not asked for, inverted or not */
	assert_int_equal(run(&info, 36), MATCH);
	info.invflags = IP6T_AH_INV_SPI;
	assert_int_equal(run(&info, 36), MISS);
	info.spis[0] = 6;
	assert_int_equal(run(&info, 36), MATCH);
}

static void short_and_absent(void **state)
{
	struct ip6t_ah info = { .spis = { 0, 0xffffffff } };
	const struct match_spec m = { "ah", 0, sizeof(info), &info };

	assert_int_equal(run(&info, 16), MATCH);
	assert_int_equal(run(&info, 15), HOT); /* less than it says it is */
	assert_int_equal(run(&info, 11), HOT);
	assert_int_equal(run(&info, 1), HOT);
	assert_int_equal(ext6(&m, 6, auth, 36), MISS);
	assert_int_equal(ext6(&m, 60, auth, 1), HOT); /* cannot be looked for */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(fields),
		cmocka_unit_test(short_and_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
