// SPDX-License-Identifier: GPL-2.0-only
/* -m esp, -m ah, -m ipcomp, and -m tcpmss: numbers behind the IP header */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_esp.h>
#include <linux/netfilter/xt_tcpmss.h>
#include <string.h>

static enum outcome run(const char *name, uint16_t proto, const struct xt_esp *info, uint16_t frag,
			uint32_t len)
{
	static const uint8_t header[16] = { 0x80, 0, 1, 0, 0x80, 0, 0, 2 };
	const struct match_spec m = { name, 0, sizeof(*info), info };
	enum outcome out = onematch(XTBPF_IPV4, proto, &m, frag, header, len);

	if (strcmp(name, "ah") != 0)
		assert_int_equal(onematch(XTBPF_IPV6, proto, &m, frag, header, len), out);
	return out;
}

static void spis(void **state)
{
	static const struct {
		const char *name;
		uint16_t proto;
		uint32_t spi, need;
	} row[] = { { "esp", 50, 0x80000100, 8 },
		    { "ah", 51, 0x80000002, 12 },
		    { "ipcomp", 108, 0x100, 4 } };

	for (unsigned int i = 0; i < 3; i++) {
		struct xt_esp info = { .spis = { row[i].spi, row[i].spi } };
		uint32_t need = row[i].need;

		assert_int_equal(run(row[i].name, row[i].proto, &info, 0, need), MATCH);
		assert_int_equal(run(row[i].name, row[i].proto, &info, 0, need - 1), HOT);
		assert_int_equal(run(row[i].name, row[i].proto, &info, 5, need), MISS);
		info.invflags = 1;
		assert_int_equal(run(row[i].name, row[i].proto, &info, 0, need), MISS);
		assert_int_equal(run(row[i].name, row[i].proto, &info, 5, need), MISS);
		info.spis[0]++;
		info.spis[1] = UINT32_MAX;
		assert_int_equal(run(row[i].name, row[i].proto, &info, 0, need), MATCH);
		info.spis[0] = 0x80000000u + row[i].spi % 0x80000000u; /* above what a CPI can be */
		assert_int_equal(run(row[i].name, row[i].proto, &info, 0, need),
				 i == 2 ? MATCH : MISS);
		info.invflags = 2;
		assert_int_equal(onematch_check(XTBPF_IPV4, row[i].proto, row[i].name, 0, &info,
						sizeof(info)),
				 -EINVAL);
	}
}

static enum outcome mss(const struct xt_tcpmss_match_info *info, uint8_t doff, uint32_t len)
{
	uint8_t tcp[28] = { [20] = 1, [21] = 2, [22] = 4, [23] = 5, [24] = 0xb4 };
	const struct match_spec m = { "tcpmss", 0, sizeof(*info), info };
	enum outcome out;

	tcp[12] = (uint8_t)(doff << 4);
	out = onematch(XTBPF_IPV4, 6, &m, 0, tcp, len);
	assert_int_equal(onematch(XTBPF_IPV6, 6, &m, 0, tcp, len), out);
	return out;
}

static void tcpmss(void **state)
{
	struct xt_tcpmss_match_info info = { 1460, 1460, 0 };

	assert_int_equal(mss(&info, 7, 28), MATCH);
	assert_int_equal(mss(&info, 5, 28), MISS); /* no options */
	assert_int_equal(mss(&info, 6, 28), MISS); /* cut short by its own header */
	assert_int_equal(mss(&info, 7, 27), HOT);
	assert_int_equal(mss(&info, 4, 28), HOT);
	assert_int_equal(mss(&info, 5, 19), HOT);
	info.invert = 1;
	assert_int_equal(mss(&info, 7, 28), MISS);
	assert_int_equal(mss(&info, 5, 28), MATCH);
	info = (struct xt_tcpmss_match_info){ 0, 65535, 0 };
	assert_int_equal(mss(&info, 5, 28), MISS);
}

/* Later fragments of IPv4 are read as if a header stood there. */
static void fragments(void **state)
{
	const struct xt_tcpmss_match_info info = { 0, 65535, 1 };
	const struct match_spec m = { "tcpmss", 0, sizeof(info), &info };
	uint8_t tcp[20] = { [12] = 0x50 };

	assert_int_equal(onematch(XTBPF_IPV4, 6, &m, 5, tcp, sizeof(tcp)), MATCH);
	assert_int_equal(onematch(XTBPF_IPV4, 6, &m, 5, tcp, sizeof(tcp) - 1), HOT);
	assert_int_equal(onematch(XTBPF_IPV6, 6, &m, 5, tcp, sizeof(tcp)), HOT); /* thoff is 0 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spis),
		cmocka_unit_test(tcpmss),
		cmocka_unit_test(fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
