// SPDX-License-Identifier: GPL-2.0-only
/* -m string */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_string.h>
#include <string.h>

static struct xt_string_info any(const char *pattern)
{
	struct xt_string_info info = { .to_offset = 65535, .algo = "kmp" };

	info.patlen = (uint8_t)strlen(pattern);
	memcpy(info.pattern, pattern, info.patlen);
	return info;
}

static enum outcome run(const struct xt_string_info *info, const char *text)
{
	const struct match_spec m = { "string", 1, sizeof(*info), info };

	return onematch(XTBPF_IPV4, 17, &m, 0, (const uint8_t *)text, (uint32_t)strlen(text));
}

static int verdict(const struct xt_string_info *info)
{
	return onematch_check(XTBPF_IPV4, 0, "string", 1, info, sizeof(*info));
}

static void check(void **state)
{
	struct xt_string_info info = any("abc");

	assert_int_equal(verdict(&info), 0);
	info.from_offset = 5;
	info.to_offset = 4;
	assert_int_equal(verdict(&info), -EINVAL);
	info = any("");
	assert_int_equal(verdict(&info), -EINVAL);
	info = any("a");
	strcpy(info.algo, "nosuch");
	assert_int_equal(verdict(&info), -ENOENT);
	info.u.v1.flags = 4;
	assert_int_equal(verdict(&info), -EINVAL);
	info = any("\xff");
	strcpy(info.algo, "bm");
	assert_int_equal(verdict(&info), 0);
	info.u.v1.flags = XT_STRING_FLAG_IGNORECASE;
	assert_int_equal(verdict(&info), -EOPNOTSUPP);
}

static void search(void **state)
{
	struct xt_string_info info = any("aab");

	assert_int_equal(run(&info, "xaaab"), MATCH); /* by falling back */
	assert_int_equal(run(&info, "xaaba"), MATCH);
	assert_int_equal(run(&info, "aaAb"), MISS);
	info.u.v1.flags = XT_STRING_FLAG_IGNORECASE;
	assert_int_equal(run(&info, "aaAb"), MATCH);
	info.u.v1.flags |= XT_STRING_FLAG_INVERT;
	assert_int_equal(run(&info, "aaAb"), MISS);
	assert_int_equal(run(&info, "aa"), MATCH);
}

/* Offsets count from the IP header, and the pattern must lie wholly between them. */
static void offsets(void **state)
{
	struct xt_string_info info = any("ab");

	info.from_offset = 21;
	info.to_offset = 23;
	assert_int_equal(run(&info, "xabx"), MATCH);
	info.to_offset = 22;
	assert_int_equal(run(&info, "xabx"), MISS);
	info.to_offset = 60;
	info.from_offset = 22;
	assert_int_equal(run(&info, "xabx"), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(search),
		cmocka_unit_test(offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
