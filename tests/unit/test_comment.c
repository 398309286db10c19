// SPDX-License-Identifier: GPL-2.0-only
/* -m comment */
#include "unit.h"

#include "onematch.h"

#include <linux/netfilter/xt_comment.h>
#include <string.h>

/* Any 256 bytes are a comment, on any packet, with any -p or none. */
static void always_true(void **state)
{
	struct xt_comment_info info;
	const struct match_spec m = { "comment", 0, sizeof(info), &info };

	memset(&info, 0xff, sizeof(info));
	assert_int_equal(onematch(XTBPF_IPV4, 0, &m, 0, NULL, 0), MATCH);
	assert_int_equal(onematch(XTBPF_IPV6, 0, &m, 0, NULL, 0), MATCH);
	assert_int_equal(onematch(XTBPF_IPV4, 6, &m, 1, NULL, 0), MATCH);
	assert_int_equal(onematch(XTBPF_IPV6, 17, &m, 0, NULL, 0), MATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(always_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
