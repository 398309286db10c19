// SPDX-License-Identifier: GPL-2.0-only
/* -m udp, and udplite, its twin */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_tcpudp.h>

static const struct xt_udp any = { .spts = { 0, 65535 }, .dpts = { 0, 65535 } };
static const uint8_t dns[12] = { 255, 255, 0, 53, 0, 12 };

static enum outcome run(const struct xt_udp *info, uint32_t len, uint16_t frag)
{
	const struct match_spec m = { "udp", 0, sizeof(*info), info };
	const struct match_spec lite = { "udplite", 0, sizeof(*info), info };
	enum outcome out = onematch(XTBPF_IPV4, 17, &m, frag, dns, len);

	assert_int_equal(onematch(XTBPF_IPV6, 17, &m, frag, dns, len), out);
	assert_int_equal(onematch(XTBPF_IPV4, 136, &lite, frag, dns, len), out);
	assert_int_equal(onematch(XTBPF_IPV6, 136, &lite, frag, dns, len), out);
	return out;
}

static void check(void **state)
{
	struct xt_udp info = any;

	info.invflags = 3;
	assert_int_equal(onematch_check(XTBPF_IPV4, 17, "udp", 0, &info, sizeof(info)), 0);
	info.invflags = 4;
	assert_int_equal(onematch_check(XTBPF_IPV4, 17, "udp", 0, &info, sizeof(info)), -EINVAL);
	assert_int_equal(onematch_check(XTBPF_IPV6, 136, "udplite", 0, &info, sizeof(info)),
			 -EINVAL);
}

static void ports(void **state)
{
	struct xt_udp info = any;

	assert_int_equal(run(&info, sizeof(dns), 0), MATCH);
	info.dpts[0] = info.dpts[1] = 53;
	assert_int_equal(run(&info, sizeof(dns), 0), MATCH);
	info.invflags = XT_UDP_INV_DSTPT;
	assert_int_equal(run(&info, sizeof(dns), 0), MISS);
	info.invflags = XT_UDP_INV_SRCPT;
	assert_int_equal(run(&info, sizeof(dns), 0), MISS);
	info.spts[1] = 65534;
	assert_int_equal(run(&info, sizeof(dns), 0), MATCH);
	info.invflags = 0;
	assert_int_equal(run(&info, sizeof(dns), 0), MISS);
}

static void short_and_fragments(void **state)
{
	assert_int_equal(run(&any, 8, 0), MATCH);
	assert_int_equal(run(&any, 7, 0), HOT);
	assert_int_equal(run(&any, 0, 0), HOT);
	assert_int_equal(run(&any, sizeof(dns), 1), MISS);
	assert_int_equal(run(&any, 0, 185), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(ports),
		cmocka_unit_test(short_and_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
