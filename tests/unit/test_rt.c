// SPDX-License-Identifier: GPL-2.0-only
/* -m rt */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6t_rt.h>
#include <string.h>

/* type 0, one segment left, addresses ::1 and ::2 */
static const uint8_t route[60] = { 6, 4, 0, 1, [23] = 1, [39] = 2 };

static enum outcome run(const struct ip6t_rt *info, uint32_t len)
{
	const struct match_spec m = { "rt", 0, sizeof(*info), info };

	return ext6(&m, 43, route, len);
}

static struct ip6t_rt any(void)
{
	return (struct ip6t_rt){ .segsleft = { 0, 0xffffffff } };
}

static int checked(const struct ip6t_rt *info)
{
	return onematch_check(XTBPF_IPV6, 0, "rt", 0, info, sizeof(*info));
}

static void check(void **state)
{
	struct ip6t_rt info = { .invflags = 7, .addrnr = 16 };

	assert_int_equal(checked(&info), 0);
	info.addrnr = 17;
	assert_int_equal(checked(&info), -EINVAL);
	info.addrnr = 0;
	info.invflags = 8;
	assert_int_equal(checked(&info), -EINVAL);
	info.invflags = 0;
	info.flags = IP6T_RT_FST; /* what type 0 has needs type 0 */
	assert_int_equal(checked(&info), -EINVAL);
	info.flags |= IP6T_RT_TYP;
	assert_int_equal(checked(&info), 0);
	info.invflags = IP6T_RT_INV_TYP;
	assert_int_equal(checked(&info), -EINVAL);
}

static void fields(void **state)
{
	struct ip6t_rt info = any();

	info.flags = IP6T_RT_TYP | IP6T_RT_LEN | IP6T_RT_RES;
	info.hdrlen = 40;
	assert_int_equal(run(&info, 60), MATCH);
	info.invflags = IP6T_RT_INV_LEN;
	assert_int_equal(run(&info, 60), MISS);
	info = any();
	info.segsleft[0] = 2; /* looked at without being asked */
	assert_int_equal(run(&info, 60), MISS);
	info.invflags = IP6T_RT_INV_SGS;
	assert_int_equal(run(&info, 60), MATCH);
	info = any();
	info.flags = IP6T_RT_TYP;
	info.rt_type = 256;
	assert_int_equal(run(&info, 60), MISS);
	info.invflags = IP6T_RT_INV_TYP;
	assert_int_equal(run(&info, 60), MATCH);
}

static void addresses(void **state)
{
	struct ip6t_rt info = any();

	info.flags = IP6T_RT_TYP | IP6T_RT_FST;
	info.addrnr = 2;
	info.addrs[0].s6_addr[15] = 1;
	info.addrs[1].s6_addr[15] = 2;
	assert_int_equal(run(&info, 60), MATCH);
	info.addrnr = 1;
	assert_int_equal(run(&info, 60), MISS);
	info.flags |= IP6T_RT_FST_NSTRICT;
	assert_int_equal(run(&info, 60), MATCH);
	info.addrs[0].s6_addr[15] = 2; /* with the other before it */
	assert_int_equal(run(&info, 60), MATCH);
	info.addrnr = 2;
	assert_int_equal(run(&info, 60), MISS);
	info.addrnr = 3;
	assert_int_equal(run(&info, 60), MISS);
	info.addrnr = 0; /* none asked for, but the first slot is compared */
	assert_int_equal(run(&info, 60), MATCH);
	info.addrs[0].s6_addr[15] = 1;
	assert_int_equal(run(&info, 60), MISS);
}

static void cut(void **state)
{
	struct ip6t_rt info = any();

	assert_int_equal(run(&info, 40), MATCH);
	assert_int_equal(run(&info, 39), HOT);
	assert_int_equal(run(&info, 3), HOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(fields),
		cmocka_unit_test(addresses),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
