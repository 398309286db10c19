// SPDX-License-Identifier: GPL-2.0-only
/* -m hbh, -m dst */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6t_opts.h>

/* 16 bytes: Pad1, option 30 with 4 bytes, PadN over the rest; TCP */
static const uint8_t body[36] = { 6, 1, 0, 30, 4, 0, 0, 0, 0, 1, 5 };

static enum outcome run(const struct ip6t_opts *info, uint32_t len)
{
	const struct match_spec hbh = { "hbh", 0, sizeof(*info), info };
	const struct match_spec dst = { "dst", 0, sizeof(*info), info };
	enum outcome out = ext6(&hbh, 0, body, len);

	assert_int_equal(ext6(&dst, 60, body, len), out);
	assert_int_equal(ext6(&dst, 6, body, len), MISS);
	return out;
}

static void check(void **state)
{
	struct ip6t_opts info = { .optsnr = 16, .flags = 3 };

	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "hbh", 0, &info, sizeof(info)), 0);
	info.optsnr = 17;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "hbh", 0, &info, sizeof(info)), -EINVAL);
	info.optsnr = 0;
	info.flags = IP6T_OPTS_NSTRICT;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "dst", 0, &info, sizeof(info)), -EINVAL);
	info.flags = 0;
	info.invflags = 2;
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "dst", 0, &info, sizeof(info)), -EINVAL);
}

static void lengths(void **state)
{
	struct ip6t_opts info = { .hdrlen = 16, .flags = IP6T_OPTS_LEN };

	assert_int_equal(run(&info, 36), MATCH);
	assert_int_equal(run(&info, 16), MATCH);
	assert_int_equal(run(&info, 15), HOT);
	info.invflags = IP6T_OPTS_INV_LEN;
	assert_int_equal(run(&info, 36), MISS);
	info.hdrlen = 8;
	assert_int_equal(run(&info, 36), MATCH);
}

static void options(void **state)
{
	struct ip6t_opts info = { .flags = IP6T_OPTS_OPTS, .opts = { 0x0000, 0x1e04, 0x01ff } };

	for (info.optsnr = 0; info.optsnr < 4; info.optsnr++)
		assert_int_equal(run(&info, 36), MATCH);
	info.optsnr = 4; /* nothing is left */
	assert_int_equal(run(&info, 36), MISS);
	info.optsnr = 2;
	info.opts[1] = 0x1eff;
	assert_int_equal(run(&info, 36), MATCH);
	info.opts[1] = 0x1e03;
	assert_int_equal(run(&info, 36), MISS);
	info.opts[0] = 0x1eff; /* not the first one */
	assert_int_equal(run(&info, 36), MISS);
}

/* The last option asked for may reach beyond the header, others may not. */
static void beyond(void **state)
{
	static const uint8_t lies[28] = { 6, 0, 30, 200 };
	struct ip6t_opts info = { .flags = IP6T_OPTS_OPTS, .optsnr = 1, .opts = { 0x1eff } };
	const struct match_spec m = { "dst", 0, sizeof(info), &info };

	assert_int_equal(ext6(&m, 60, lies, 28), MATCH);
	info.optsnr = 2;
	assert_int_equal(ext6(&m, 60, lies, 28), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(lengths),
		cmocka_unit_test(options),
		cmocka_unit_test(beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
