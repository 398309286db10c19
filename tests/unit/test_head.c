// SPDX-License-Identifier: GPL-2.0-only
/* Matches on header fields: iprange, length, ttl and hl, dscp, tos, ecn, mac, pkttype, cpu, devgroup */
#include "unit.h"

#include "onematch.h"
#include "random_head.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>

static uint8_t buf[60];

/* A packet with a TOS of 0x2d (DSCP 11, ECT 1), TTL 7, 60 bytes long, from ...1 to ...9. */
static struct xtbpf_packet packet(enum xtbpf_family family)
{
	memset(buf, 0, sizeof(buf));
	if (family == XTBPF_IPV4) {
		memcpy(buf, (const uint8_t[]){ 0x45, 0x2d, 0, 60, 0, 0, 0, 0, 7, 6 }, 10);
		buf[15] = 1;
		buf[19] = 9;
		buf[33] = 0x42; /* TCP: ECE, SYN */
	} else {
		memcpy(buf, (const uint8_t[]){ 0x62, 0xd0, 0, 0, 0, 20, 6, 7 }, 8);
		buf[23] = 1;
		buf[39] = 9;
		buf[53] = 0x42;
	}
	return (struct xtbpf_packet){ .l3 = buf,
				      .len = sizeof(buf),
				      .in = "eth0",
				      .has_mac = true,
				      .mac = { 2, 0, 0, 0, 0, 1 },
				      .pkt_type = PACKET_BROADCAST,
				      .in_group = 5,
				      .cpu = 1 };
}

static enum outcome run(enum xtbpf_family family, const char *name, uint8_t revision,
			const void *data, uint16_t size)
{
	const struct match_spec m = { name, revision, size, data };
	struct xtbpf_packet pkt = packet(family);

	return onematch_packet(family, 6, &m, &pkt);
}

/* In both families, which agree. */
static enum outcome both(const char *name, uint8_t revision, const void *data, uint16_t size)
{
	enum outcome out = run(XTBPF_IPV4, name, revision, data, size);

	assert_int_equal(run(XTBPF_IPV6, name, revision, data, size), out);
	return out;
}

static void iprange(void **state)
{
	struct xt_iprange_mtinfo i4 = { .flags = IPRANGE_SRC | IPRANGE_DST }, i6 = i4;
	uint8_t *b[2][4] = {
		{ (uint8_t *)&i4.src_min + 3, (uint8_t *)&i4.src_max + 3,
		  (uint8_t *)&i4.dst_min + 3, (uint8_t *)&i4.dst_max + 3 },
		{ (uint8_t *)&i6.src_min + 15, (uint8_t *)&i6.src_max + 15,
		  (uint8_t *)&i6.dst_min + 15, (uint8_t *)&i6.dst_max + 15 },
	};
	static const struct {
		uint8_t bounds[4], flags;
		enum outcome want;
	} row[] = {
		{ { 0, 1, 9, 9 }, 0, MATCH },
		{ { 2, 3, 9, 9 }, 0, MISS },
		{ { 2, 3, 9, 9 }, IPRANGE_SRC_INV, MATCH },
		{ { 1, 0, 9, 9 }, IPRANGE_SRC_INV, MATCH }, /* upside down: nothing is in it */
		{ { 0, 1, 0, 8 }, 0, MISS },
		{ { 0, 1, 0, 8 }, IPRANGE_DST_INV, MATCH },
		{ { 0, 1, 9, 9 }, IPRANGE_DST_INV, MISS },
	};

	for (unsigned int i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (unsigned int j = 0; j < 4; j++)
			*b[0][j] = *b[1][j] = row[i].bounds[j];
		i4.flags = i6.flags = IPRANGE_SRC | IPRANGE_DST | row[i].flags;
		assert_int_equal(run(XTBPF_IPV4, "iprange", 1, &i4, sizeof(i4)), row[i].want);
		assert_int_equal(run(XTBPF_IPV6, "iprange", 1, &i6, sizeof(i6)), row[i].want);
	}
}

static void length(void **state)
{
	struct xt_length_info info = { 60, 60, 0 };

	assert_int_equal(both("length", 0, &info, sizeof(info)), MATCH);
	info.invert = 1;
	assert_int_equal(both("length", 0, &info, sizeof(info)), MISS);
	info.invert = 2;
	assert_int_equal(both("length", 0, &info, sizeof(info)), MATCH);
	info = (struct xt_length_info){ 0, 59, 0 };
	assert_int_equal(both("length", 0, &info, sizeof(info)), MISS);
}

static void ttl(void **state)
{
	static const enum outcome want[3][5] = {
		/* EQ, NE, LT, GT, none */
		{ MISS, MATCH, MATCH, MISS, MISS }, /* 8 */
		{ MATCH, MISS, MISS, MISS, MISS },  /* 7 */
		{ MISS, MATCH, MISS, MATCH, MISS }, /* 0 */
	};
	static const uint8_t value[] = { 8, 7, 0 };

	for (uint8_t v = 0; v < 3; v++)
		for (uint8_t mode = 0; mode < 5; mode++) {
			struct ipt_ttl_info info = { mode, value[v] };

			assert_int_equal(run(XTBPF_IPV4, "ttl", 0, &info, 2), want[v][mode]);
			assert_int_equal(run(XTBPF_IPV6, "hl", 0, &info, 2), want[v][mode]);
		}
}

static void tos(void **state)
{
	struct xt_dscp_info dscp = { 11, 0 };
	struct xt_tos_match_info info = { 0xff, 0x2d, 0 };

	assert_int_equal(both("dscp", 0, &dscp, sizeof(dscp)), MATCH);
	dscp.invert = 1;
	assert_int_equal(both("dscp", 0, &dscp, sizeof(dscp)), MISS);
	dscp.dscp = 64;
	assert_int_equal(onematch_check(XTBPF_IPV4, 6, "dscp", 0, &dscp, sizeof(dscp)), -EDOM);
	assert_int_equal(both("tos", 1, &info, sizeof(info)), MATCH);
	info.tos_mask = 0x0f; /* the value has bits outside: never */
	assert_int_equal(both("tos", 1, &info, sizeof(info)), MISS);
	info.invert = 2;
	assert_int_equal(both("tos", 1, &info, sizeof(info)), MATCH);
}

static void ecn(void **state)
{
	struct xt_ecn_info info = { .operation = XT_ECN_OP_MATCH_IP, .ip_ect = 1 };

	assert_int_equal(both("ecn", 0, &info, sizeof(info)), MATCH);
	info.operation = XT_ECN_OP_MATCH_ECE | XT_ECN_OP_MATCH_CWR;
	assert_int_equal(both("ecn", 0, &info, sizeof(info)), MISS);
	info.invert = XT_ECN_OP_MATCH_CWR;
	assert_int_equal(both("ecn", 0, &info, sizeof(info)), MATCH);
	assert_int_equal(onematch_check(XTBPF_IPV4, 17, "ecn", 0, &info, sizeof(info)), -EINVAL);
	info.operation = 0x02;
	assert_int_equal(onematch_check(XTBPF_IPV4, 6, "ecn", 0, &info, sizeof(info)), -EINVAL);
}

static void machine(void **state)
{
	struct xt_mac_info mac = { { 2, 0, 0, 0, 0, 1 }, 0 };
	struct xt_pkttype_info type = { PACKET_BROADCAST, 0 };
	struct xt_cpu_info cpu = { 1, 0 };
	struct xt_devgroup_info group = { .flags = XT_DEVGROUP_MATCH_SRC,
					  .src_group = 0xf5,
					  .src_mask = 0x0f };

	assert_int_equal(both("mac", 0, &mac, sizeof(mac)), MATCH);
	mac.invert = 1;
	assert_int_equal(both("mac", 0, &mac, sizeof(mac)), MISS);
	assert_int_equal(both("pkttype", 0, &type, sizeof(type)), MATCH);
	type.pkttype += 256;
	assert_int_equal(both("pkttype", 0, &type, sizeof(type)), MISS);
	assert_int_equal(both("cpu", 0, &cpu, sizeof(cpu)), MATCH);
	cpu.invert = 2;
	assert_int_equal(onematch_check(XTBPF_IPV4, 6, "cpu", 0, &cpu, sizeof(cpu)), -EINVAL);
	assert_int_equal(both("devgroup", 0, &group, sizeof(group)), MATCH);
	group.flags |= XT_DEVGROUP_INVERT_SRC;
	assert_int_equal(both("devgroup", 0, &group, sizeof(group)), MISS);
	group.flags = XT_DEVGROUP_MATCH_DST; /* the rule is in INPUT */
	assert_int_equal(onematch_check(XTBPF_IPV6, 6, "devgroup", 0, &group, sizeof(group)),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iprange), cmocka_unit_test(length), cmocka_unit_test(ttl),
		cmocka_unit_test(tos),	   cmocka_unit_test(ecn),    cmocka_unit_test(machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
