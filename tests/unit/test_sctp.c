// SPDX-License-Identifier: GPL-2.0-only
/* -m sctp */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_sctp.h>

/* DATA with flag 3, SACK */
static const uint8_t l4[20] = { 3, 232, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 3, 0, 0, 4 };

static enum outcome run(const struct xt_sctp_info *info, uint32_t len)
{
	const struct match_spec m = { "sctp", 0, sizeof(*info), info };
	enum outcome v4 = onematch(XTBPF_IPV4, 132, &m, 0, l4, len);

	assert_int_equal(onematch(XTBPF_IPV6, 132, &m, 0, l4, len), v4);
	assert_int_equal(onematch(XTBPF_IPV4, 132, &m, 2, l4, len), MISS);
	return v4;
}

static void check(void **state)
{
	struct xt_sctp_info info = { .flags = 1, .invflags = 1, .flag_count = 4 };

	assert_int_equal(onematch_check(XTBPF_IPV4, 132, "sctp", 0, &info, sizeof(info)), 0);
	info.invflags = 2;
	assert_int_equal(onematch_check(XTBPF_IPV4, 132, "sctp", 0, &info, sizeof(info)), -EINVAL);
	info.invflags = 0;
	info.flag_count = -1;
	assert_int_equal(onematch_check(XTBPF_IPV4, 132, "sctp", 0, &info, sizeof(info)), -EINVAL);
	info = (struct xt_sctp_info){ .flags = XT_SCTP_CHUNK_TYPES };
	assert_int_equal(onematch_check(XTBPF_IPV4, 132, "sctp", 0, &info, sizeof(info)), -EINVAL);
}

static void chunks(void **state)
{
	struct xt_sctp_info info = { .flags = XT_SCTP_CHUNK_TYPES, .chunkmap = { 1 } };

	info.chunk_match_type = SCTP_CHUNK_MATCH_ANY;
	assert_int_equal(run(&info, 20), MATCH);
	info.flag_count = 1;
	info.flag_info[0] = (struct xt_sctp_flag_info){ 0, 1, 3 };
	assert_int_equal(run(&info, 20), MISS);
	info.flag_count = 0;
	info.chunk_match_type = SCTP_CHUNK_MATCH_ONLY;
	assert_int_equal(run(&info, 20), MISS);
	assert_int_equal(run(&info, 16), MATCH);
	info.chunk_match_type = SCTP_CHUNK_MATCH_ALL;
	info.chunkmap[0] = 9;
	assert_int_equal(run(&info, 20), MATCH);
	assert_int_equal(run(&info, 16), MISS);
	info.chunkmap[60] = 1; /* no chunk has that type */
	assert_int_equal(run(&info, 20), MISS);
	assert_int_equal(run(&info, 12), HOT);
	assert_int_equal(run(&info, 11), HOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
