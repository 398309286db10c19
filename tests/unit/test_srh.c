// SPDX-License-Identifier: GPL-2.0-only
/* -m srh */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6t_srh.h>
#include <string.h>

/* one of two segments left, tag 7, segments ::1 and ::2 */
static const uint8_t route[60] = { 6, 4, 4, 1, 1, 0, 0, 7, [23] = 1, [39] = 2 };

static enum outcome run0(const struct ip6t_srh *info, const uint8_t *h, uint32_t len)
{
	const struct match_spec m = { "srh", 0, sizeof(*info), info };

	return ext6(&m, 43, h, len);
}

static enum outcome run1(const struct ip6t_srh1 *info, const uint8_t *h)
{
	const struct match_spec m = { "srh", 1, sizeof(*info), info };

	return ext6(&m, 43, h, 60);
}

static void check(void **state)
{
	struct ip6t_srh info = { .mt_flags = 0x3fff, .mt_invflags = 0x3fff };
	struct ip6t_srh1 info1 = { .mt_flags = 0x4000 };

	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "srh", 0, &info, sizeof(info)), 0);
	info.mt_invflags = 0x4000;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "srh", 0, &info, sizeof(info)), -EINVAL);
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "srh", 1, &info1, sizeof(info1)), -EINVAL);
}

static void fields(void **state)
{
	struct ip6t_srh info = { 6, 4, 1, 1, 0, 0x3fff, 0 };
	const uint16_t equal = IP6T_SRH_NEXTHDR | IP6T_SRH_LEN_EQ | IP6T_SRH_SEGS_EQ |
			       IP6T_SRH_LAST_EQ | IP6T_SRH_TAG;

	memcpy(&info.tag, "\0\7", 2);
	/* revision 0 knows no addresses, but lets their flags be */
	info.mt_invflags = 0x3fff & ~equal;
	assert_int_equal(run0(&info, route, 60), MATCH);
	for (uint16_t flag = 1; flag < IP6T_SRH_PSID; flag = (uint16_t)(flag << 1)) {
		info.mt_flags = flag;
		info.mt_invflags = 0;
		assert_int_equal(run0(&info, route, 60), flag & equal ? MATCH : MISS);
		info.mt_invflags = flag;
		assert_int_equal(run0(&info, route, 60), flag & equal ? MISS : MATCH);
	}
}

static void no_srh(void **state)
{
	struct ip6t_srh info = { .mt_flags = 0 };
	uint8_t other[60];

	assert_int_equal(run0(&info, route, 40), MATCH);
	assert_int_equal(run0(&info, route, 39), MISS);
	assert_int_equal(run0(&info, route, 3), MISS); /* no hotdrop here */
	memcpy(other, route, sizeof(other));
	other[2] = 0;
	assert_int_equal(run0(&info, other, 60), MISS);
	other[2] = 4;
	other[3] = 2; /* more left than there are */
	assert_int_equal(run0(&info, other, 60), MISS);
}

static void segments(void **state)
{
	struct ip6t_srh1 info = { .mt_flags = IP6T_SRH_LSID | IP6T_SRH_NSID };
	uint8_t first[60];

	memset(&info.nsid_msk, 0xff, 16);
	memset(&info.lsid_msk, 0xff, 16);
	memset(&info.psid_msk, 0xff, 16);
	info.nsid_addr.s6_addr[15] = info.lsid_addr.s6_addr[15] = 1;
	assert_int_equal(run1(&info, route), MATCH);
	info.mt_invflags = IP6T_SRH_INV_LSID;
	assert_int_equal(run1(&info, route), MISS);
	info.mt_flags = IP6T_SRH_PSID; /* none before the first */
	assert_int_equal(run1(&info, route), MISS);
	memcpy(first, route, sizeof(first));
	first[3] = 0;
	info.psid_addr.s6_addr[15] = 2;
	assert_int_equal(run1(&info, first), MATCH);
	info.mt_flags = IP6T_SRH_NSID; /* none after the last */
	assert_int_equal(run1(&info, first), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(fields),
		cmocka_unit_test(no_srh),
		cmocka_unit_test(segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
