// SPDX-License-Identifier: GPL-2.0-only
/* -m multiport */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_multiport.h>

/* 1000 -> 80 */
static const uint8_t ports[4] = { 3, 232, 0, 80 };

static int check_proto(uint16_t proto, const struct xt_multiport_v1 *info)
{
	int err = onematch_check(XTBPF_IPV4, proto, "multiport", 1, info, sizeof(*info));

	assert_int_equal(onematch_check(XTBPF_IPV6, proto, "multiport", 1, info, sizeof(*info)),
			 err);
	return err;
}

static enum outcome run(const struct xt_multiport_v1 *info, uint32_t len, uint16_t frag)
{
	const struct match_spec m = { "multiport", 1, sizeof(*info), info };
	enum outcome out = onematch(XTBPF_IPV4, 132, &m, frag, ports, len);

	assert_int_equal(onematch(XTBPF_IPV6, 6, &m, frag ? frag + 1 : 0, ports, len), out);
	return out;
}

static void protocols(void **state)
{
	static const uint16_t good[] = { 6, 17, 33, 132, 136 };
	static const uint16_t bad[] = { 0, 1, 47, 58, 255, 262 };
	const struct xt_multiport_v1 info = { .count = 1 };
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(check_proto(good[i], &info), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(check_proto(bad[i], &info), -EINVAL);
}

static void inverted_protocol(void **state)
{
	const struct xt_multiport_v1 info = { .count = 1 };
	struct rule r = rule_proto(6, V_DROP);
	struct blobs *b;

	rule_match(&r, "multiport", 1, &info, sizeof(info));
	rule_invert(&r, XT_INV_PROTO);
	b = blobs_filter(XTBPF_IPV4, &r, 1);
	assert_int_equal(blobs_try(b, false, NULL), -EINVAL);
	blobs_free(b);
}

static void check(void **state)
{
	struct xt_multiport_v1 info = { .count = 15 };

	assert_int_equal(check_proto(6, &info), 0);
	info.count = 16;
	assert_int_equal(check_proto(6, &info), -EINVAL);
	info.count = 0;
	assert_int_equal(check_proto(6, &info), 0);
	info.flags = 3;
	assert_int_equal(check_proto(6, &info), -EINVAL);
	info = (struct xt_multiport_v1){ .count = 2, .ports = { 5, 6 }, .pflags = { 1 } };
	assert_int_equal(check_proto(6, &info), 0);
	info.ports[0] = 7; /* backwards */
	assert_int_equal(check_proto(6, &info), -EINVAL);
	info.ports[0] = 6;
	assert_int_equal(check_proto(6, &info), 0);
	info.pflags[1] = 1; /* a range that ends in a range */
	assert_int_equal(check_proto(6, &info), -EINVAL);
	info.pflags[0] = 0; /* a range without an end */
	assert_int_equal(check_proto(6, &info), -EINVAL);
	info = (struct xt_multiport_v1){ .count = 15, .pflags = { [14] = 1 } };
	assert_int_equal(check_proto(6, &info), -EINVAL);
}

static void lists(void **state)
{
	struct xt_multiport_v1 info = { .flags = XT_MULTIPORT_DESTINATION,
					.count = 2,
					.ports = { 22, 80 } };

	assert_int_equal(run(&info, 4, 0), MATCH);
	info.count = 1;
	assert_int_equal(run(&info, 4, 0), MISS);
	info.invert = 1;
	assert_int_equal(run(&info, 4, 0), MATCH);
	info = (struct xt_multiport_v1){ .flags = XT_MULTIPORT_SOURCE,
					 .count = 1,
					 .ports = { 80 } };
	assert_int_equal(run(&info, 4, 0), MISS);
	info.ports[0] = 1000;
	assert_int_equal(run(&info, 4, 0), MATCH);
	info.flags = XT_MULTIPORT_EITHER;
	assert_int_equal(run(&info, 4, 0), MATCH);
	info.ports[0] = 80;
	assert_int_equal(run(&info, 4, 0), MATCH);
	info.count = 0;
	assert_int_equal(run(&info, 4, 0), MISS);
	info.invert = 1;
	assert_int_equal(run(&info, 4, 0), MATCH);
}

static void ranges(void **state)
{
	struct xt_multiport_v1 info = { .flags = XT_MULTIPORT_DESTINATION,
					.count = 3,
					.ports = { 22, 79, 81 },
					.pflags = { 0, 1, 0 } };

	assert_int_equal(run(&info, 4, 0), MATCH);
	info.ports[1] = 81;
	assert_int_equal(run(&info, 4, 0), MISS);
	info.ports[1] = 80;
	assert_int_equal(run(&info, 4, 0), MATCH);
	info.invert = 1;
	assert_int_equal(run(&info, 4, 0), MISS);
}

/* The kernel XORs the byte as it is. */
static void odd_inversion(void **state)
{
	struct xt_multiport_v1 info = {
		.flags = XT_MULTIPORT_EITHER, .count = 1, .ports = { 80 }, .invert = 2
	};

	assert_int_equal(run(&info, 4, 0), MATCH);
	info.ports[0] = 81;
	assert_int_equal(run(&info, 4, 0), MATCH);
	assert_int_equal(run(&info, 3, 0), HOT);
}

static void short_and_fragments(void **state)
{
	struct xt_multiport_v1 info = { .count = 1, .invert = 1 };

	assert_int_equal(run(&info, 3, 0), HOT);
	assert_int_equal(run(&info, 0, 0), HOT);
	assert_int_equal(run(&info, 4, 1), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols),
		cmocka_unit_test(inverted_protocol),
		cmocka_unit_test(check),
		cmocka_unit_test(lists),
		cmocka_unit_test(ranges),
		cmocka_unit_test(odd_inversion),
		cmocka_unit_test(short_and_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
