// SPDX-License-Identifier: GPL-2.0-only
/* -m ipv6header */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6t_ipv6header.h>

/* destination options, then a fragment header with an offset, then TCP */
static const uint8_t chain[36] = { 44, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 8 };

static enum outcome run(uint8_t flags, uint8_t inv, uint8_t soft, uint8_t next, uint32_t len)
{
	struct ip6t_ipv6header_info info = { flags, inv, soft };
	const struct match_spec m = { "ipv6header", 0, sizeof(info), &info };

	return ext6(&m, next, chain, len);
}

static void check(void **state)
{
	struct ip6t_ipv6header_info info = { 1, 0xff, 0 };

	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "ipv6header", 0, &info, sizeof(info)), 0);
	info.invflags = 1;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "ipv6header", 0, &info, sizeof(info)),
			 -EINVAL);
	info.modeflag = 1;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "ipv6header", 0, &info, sizeof(info)), 0);
}

static void exactly(void **state)
{
	const uint8_t all = MASK_DSTOPTS | MASK_FRAGMENT | MASK_PROTO;

	assert_int_equal(run(all, 0, 0, 60, 36), MATCH);
	assert_int_equal(run(all, 0xff, 0, 60, 36), MISS);
	assert_int_equal(run(MASK_PROTO, 0, 0, 60, 36), MISS);
	assert_int_equal(run(MASK_PROTO, 0xff, 0, 60, 36), MATCH);
	assert_int_equal(run(MASK_PROTO, 0, 0, 6, 36), MATCH);
	assert_int_equal(run(MASK_NONE, 0, 0, 59, 0), MATCH);
	assert_int_equal(run(MASK_ESP, 0, 0, 50, 36), MATCH);
}

static void softly(void **state)
{
	assert_int_equal(run(MASK_DSTOPTS, 0, 1, 60, 36), MATCH);
	assert_int_equal(run(MASK_DSTOPTS | MASK_AH, 0, 1, 60, 36), MISS);
	assert_int_equal(run(MASK_DSTOPTS | MASK_AH, MASK_AH, 1, 60, 36), MATCH);
	assert_int_equal(run(0, 0, 1, 60, 36), MATCH);
}

static void cut(void **state)
{
	assert_int_equal(run(0, 0, 1, 60, 1), MISS); /* not even of nothing */
	assert_int_equal(run(MASK_DSTOPTS, 0, 1, 60, 9), MISS);
	/* reaches beyond the packet: what it names counts as there */
	assert_int_equal(run(MASK_DSTOPTS | MASK_PROTO, 0, 0, 60, 7), MATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(exactly),
		cmocka_unit_test(softly),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
