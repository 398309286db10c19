// SPDX-License-Identifier: GPL-2.0-only
/* -m l2tp, both families */
#include "unit.h"

#include "ext6.h"

#include <errno.h>
#include <linux/netfilter/xt_l2tp.h>
#include <string.h>

/* UDP, then L2TP version 2 with a length: tunnel 7, session 9 */
static const uint8_t udp2[24] = { [8] = 0x40, 2, 0, 0, 0, 7, 0, 9 };
/* the same version without a length; version 3 data and control */
static const uint8_t udp2b[24] = { [8] = 0x00, 2, 0, 7, 0, 9 };
static const uint8_t data3[24] = { [8] = 0x00, 3, 0, 0, 0, 0, 0, 9 };
static const uint8_t control3[24] = { [8] = 0xc0, 3, 0, 0, 0, 0, 0, 7 };

static enum outcome run(const struct xt_l2tp_info *info, uint16_t proto, const uint8_t *l4,
			uint32_t len, uint16_t frag)
{
	const struct match_spec m = { "l2tp", 0, sizeof(*info), info };
	enum outcome out = onematch(XTBPF_IPV4, proto, &m, frag, l4, len);

	if (!frag)
		assert_int_equal(onematch(XTBPF_IPV6, proto, &m, frag, l4, len), out);
	else
		assert_int_equal(onematch(XTBPF_IPV6, proto, &m, frag, l4, len), MISS);
	return out;
}

static int checked(const struct xt_l2tp_info *info, uint16_t proto)
{
	int err = onematch_check(XTBPF_IPV4, proto, "l2tp", 0, info, sizeof(*info));

	assert_int_equal(onematch_check(XTBPF_IPV6, proto, "l2tp", 0, info, sizeof(*info)), err);
	return err;
}

static void check(void **state)
{
	struct xt_l2tp_info info = { .flags = XT_L2TP_TID };

	assert_int_equal(checked(&info, 17), 0);
	assert_int_equal(checked(&info, 115), 0);
	assert_int_equal(checked(&info, 6), -EINVAL);
	info.version = 2; /* counts although not asked for */
	assert_int_equal(checked(&info, 115), -EINVAL);
	info.flags |= XT_L2TP_VERSION;
	info.tid = 0x10000;
	assert_int_equal(checked(&info, 17), -EINVAL);
	info.version = 3;
	assert_int_equal(checked(&info, 17), 0);
	info.version = 4;
	assert_int_equal(checked(&info, 17), -EINVAL);
	info.flags = XT_L2TP_TYPE;
	info.type = XT_L2TP_TYPE_DATA;
	assert_int_equal(checked(&info, 17), -EINVAL);
	info.type = XT_L2TP_TYPE_CONTROL;
	assert_int_equal(checked(&info, 17), 0);
	info.flags = 0x11;
	assert_int_equal(checked(&info, 17), -EINVAL);
}

static void in_udp(void **state)
{
	struct xt_l2tp_info info = { .tid = 7, .sid = 9, .flags = XT_L2TP_TID | XT_L2TP_SID };

	assert_int_equal(run(&info, 17, udp2, 24, 0), MATCH);
	assert_int_equal(run(&info, 17, udp2b, 24, 0), MATCH);
	assert_int_equal(run(&info, 17, data3, 24, 0), MATCH);
	assert_int_equal(run(&info, 17, control3, 24, 0), MATCH);
	info.tid = 8; /* a version 3 data message has no tunnel */
	assert_int_equal(run(&info, 17, data3, 24, 0), MATCH);
	assert_int_equal(run(&info, 17, control3, 24, 0), MISS);
	assert_int_equal(run(&info, 17, udp2, 24, 0), MISS);
	info.flags = XT_L2TP_SID | XT_L2TP_VERSION;
	info.version = 3;
	assert_int_equal(run(&info, 17, udp2, 24, 0), MISS);
}

static void in_ip(void **state)
{
	static const uint8_t data[12] = { 0, 0, 0, 9 };
	static const uint8_t control[12] = { [11] = 7 };
	struct xt_l2tp_info info = { .tid = 7, .sid = 9, .flags = XT_L2TP_TID | XT_L2TP_SID };

	assert_int_equal(run(&info, 115, data, 12, 0), MATCH);
	assert_int_equal(run(&info, 115, control, 12, 0), MATCH);
	assert_int_equal(run(&info, 115, control, 11, 0), MISS);
	/* IPv4 takes a later fragment's bytes for a header */
	assert_int_equal(run(&info, 115, data, 12, 1), MATCH);
}

static void short_and_fragments(void **state)
{
	struct xt_l2tp_info info = { .flags = XT_L2TP_TID, .tid = 7 };

	assert_int_equal(run(&info, 17, udp2, 16, 0), MATCH);
	assert_int_equal(run(&info, 17, udp2, 15, 0), MISS);
	assert_int_equal(run(&info, 17, udp2b, 14, 0), MATCH);
	assert_int_equal(run(&info, 17, udp2b, 13, 0), MISS);
	assert_int_equal(run(&info, 17, udp2, 9, 0), MISS);
	assert_int_equal(run(&info, 17, udp2, 24, 1), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(in_udp),
		cmocka_unit_test(in_ip),
		cmocka_unit_test(short_and_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
