// SPDX-License-Identifier: GPL-2.0-only
/* -m tcp */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

static const struct xt_tcp any = { .spts = { 0, 65535 }, .dpts = { 0, 65535 } };

/* 1000 -> 80, SYN, MSS and end of list */
static const uint8_t syn[28] = { 3, 232, 0, 80, 0, 0, 0, 0, 0, 0,   0, 0, 7 << 4, 2,
				 1, 0,	 0, 0,	0, 0, 2, 4, 5, 180, 0, 0, 3,	  3 };

static enum outcome run(const struct xt_tcp *info, const uint8_t *l4, uint32_t len, uint16_t frag)
{
	const struct match_spec m = { "tcp", 0, sizeof(*info), info };
	enum outcome v4 = onematch(XTBPF_IPV4, 6, &m, frag, l4, len);
	enum outcome v6 = onematch(XTBPF_IPV6, 6, &m, frag, l4, len);

	/* offset 1 is evil in IPv4 only */
	if (frag != 1)
		assert_int_equal(v4, v6);
	else
		assert_int_equal(v6, MISS);
	return v4;
}

static void check(void **state)
{
	struct xt_tcp info = any;

	assert_int_equal(onematch_check(XTBPF_IPV4, 6, "tcp", 0, &info, sizeof(info)), 0);
	info.invflags = 0x0f;
	assert_int_equal(onematch_check(XTBPF_IPV6, 6, "tcp", 0, &info, sizeof(info)), 0);
	info.invflags = 0x10;
	assert_int_equal(onematch_check(XTBPF_IPV4, 6, "tcp", 0, &info, sizeof(info)), -EINVAL);
	assert_int_equal(onematch_check(XTBPF_IPV6, 6, "tcp", 0, &info, sizeof(info)), -EINVAL);
}

static void ports(void **state)
{
	struct xt_tcp info = any;

	assert_int_equal(run(&info, syn, sizeof(syn), 0), MATCH);
	info.dpts[0] = info.dpts[1] = 80;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MATCH);
	info.invflags = XT_TCP_INV_DSTPT;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MISS);
	info.invflags = 0;
	info.dpts[0] = 81;
	info.dpts[1] = 90;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MISS);
	info.dpts[0] = 90;
	info.dpts[1] = 70; /* an empty range, which the kernel accepts */
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MISS);
	info.invflags = XT_TCP_INV_DSTPT;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MATCH);
	info = any;
	info.spts[0] = info.spts[1] = 1000;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MATCH);
	info.spts[1] = 999;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MISS);
	info = any;
	info.invflags = XT_TCP_INV_SRCPT; /* not any port */
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MISS);
}

static void flags(void **state)
{
	struct xt_tcp info = any;

	info.flg_mask = 0x17;
	info.flg_cmp = 2;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MATCH);
	info.invflags = XT_TCP_INV_FLAGS;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MISS);
	info.flg_mask = 0x10;
	info.flg_cmp = 0x02; /* outside the mask: never equal */
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MATCH);
	info.invflags = 0;
	assert_int_equal(run(&info, syn, sizeof(syn), 0), MISS);
}

static void options(void **state)
{
	struct xt_tcp info = any;
	uint8_t pkt[28];

	memcpy(pkt, syn, sizeof(pkt));
	info.option = 2;
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MATCH);
	info.option = 3; /* behind the end-of-list option, which ends nothing */
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MATCH);
	info.option = 4;
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MISS);
	info.invflags = XT_TCP_INV_OPTION;
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MATCH);
	pkt[21] = 0; /* length 0 counts as 1: the next option is 5 */
	info.invflags = 0;
	info.option = 5;
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MATCH);
	pkt[12] = 5 << 4; /* no options */
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MISS);
	info.invflags = XT_TCP_INV_OPTION;
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MATCH);
	pkt[12] = 4 << 4; /* impossible offset */
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), HOT);
	pkt[12] = 8 << 4; /* options cut short */
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), HOT);
	info.dpts[0] = 81; /* but a port that misses comes first */
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MISS);
	info.option = 0;
	info.dpts[0] = 0;
	assert_int_equal(run(&info, pkt, sizeof(pkt), 0), MATCH);
}

static void short_and_fragments(void **state)
{
	struct xt_tcp info = any;

	assert_int_equal(run(&info, syn, 20, 0), MATCH);
	assert_int_equal(run(&info, syn, 19, 0), HOT);
	assert_int_equal(run(&info, syn, 0, 0), HOT);
	assert_int_equal(run(&info, syn, sizeof(syn), 1), HOT);
	assert_int_equal(run(&info, syn, sizeof(syn), 2), MISS);
	info.invflags = XT_TCP_INV_FLAGS;
	assert_int_equal(run(&info, syn, sizeof(syn), 100), MISS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(ports),
		cmocka_unit_test(flags),
		cmocka_unit_test(options),
		cmocka_unit_test(short_and_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
