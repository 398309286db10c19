// SPDX-License-Identifier: GPL-2.0-only
/* -m eui64 */
#include "unit.h"

#include "ext6.h"

#include <errno.h>

static const uint8_t mac[6] = { 0x52, 0x54, 1, 2, 3, 4 };
static const uint8_t its[8] = { 0x50, 0x54, 1, 0xff, 0xfe, 2, 3, 4 };
static const uint8_t other[8] = { 0x52, 0x54, 1, 0xff, 0xfe, 2, 3, 4 };
static const int32_t info;
static const struct match_spec m = { "eui64", 0, sizeof(info), &info };

static void matches(void **state)
{
	assert_int_equal(ext6_frame(&m, mac, its), MATCH);
	assert_int_equal(ext6_frame(&m, mac, other), MISS);
	assert_int_equal(ext6_frame(&m, NULL, its), MISS);
}

static void only_on_the_way_in(void **state)
{
	struct rule r = rule_proto(0, V_DROP);
	struct blobs *b = blobs_new(XTBPF_IPV6, XTBPF_RAW);

	rule_match(&r, m.name, m.revision, m.data, m.size);
	blobs_hook(b, XTBPF_PREROUTING);
	blobs_policy(b, XTBPF_PREROUTING, V_ACCEPT);
	blobs_hook(b, XTBPF_OUTPUT);
	blobs_add(b, &r);
	blobs_policy(b, XTBPF_OUTPUT, V_ACCEPT);
	blobs_end(b);
	assert_int_equal(blobs_try(b, true, NULL), -EINVAL);
	blobs_free(b);
	assert_int_equal(onematch_check(XTBPF_IPV6, 0, "eui64", 0, &info, sizeof(info)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(only_on_the_way_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
