// SPDX-License-Identifier: GPL-2.0-only
/* -m bpf */
#include "unit.h"

#include "onematch.h"

#include <errno.h>
#include <linux/netfilter/xt_bpf.h>

static const uint8_t l4[4] = { 1, 2, 3, 4 };

static int verdict(const struct xt_bpf_info *info)
{
	return onematch_check(XTBPF_IPV4, 0, "bpf", 0, info, sizeof(*info));
}

static enum outcome run(const struct xt_bpf_info *info)
{
	const struct match_spec m = { "bpf", 0, sizeof(*info), info };

	return onematch(XTBPF_IPV4, 17, &m, 0, l4, sizeof(l4));
}

static void check(void **state)
{
	struct xt_bpf_info info = { .bpf_program_num_elem = 1,
				    .bpf_program = { BPF_STMT(BPF_RET | BPF_K, 1) } };
	struct xt_bpf_info_v1 pinned = { .mode = XT_BPF_MODE_PATH_PINNED, .path = "/x" };

	assert_int_equal(verdict(&info), 0);
	info.bpf_program_num_elem = 0;
	assert_int_equal(verdict(&info), -EINVAL);
	info.bpf_program_num_elem = 2; /* does not end in RET */
	assert_int_equal(verdict(&info), -EINVAL);
	info.bpf_program_num_elem = 1;
	info.bpf_program[0].code =
		BPF_LD | BPF_MEM; /* nor does this, and reads what is not there */
	assert_int_equal(verdict(&info), -EINVAL);
	assert_int_equal(onematch_check(XTBPF_IPV4, 0, "bpf", 1, &pinned, sizeof(pinned)),
			 -EOPNOTSUPP);
	info = (struct xt_bpf_info){ .bpf_program_num_elem = 2,
				     .bpf_program = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							       SKF_AD_OFF + SKF_AD_MARK),
						      BPF_STMT(BPF_RET | BPF_A, 0) } };
	assert_int_equal(verdict(&info), -EOPNOTSUPP);
}

static void programs(void **state)
{
	struct xt_bpf_info info = { .bpf_program_num_elem = 4,
				    .bpf_program = { BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
						     BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
						     BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 0x304),
						     BPF_STMT(BPF_RET | BPF_A, 0) } };

	assert_int_equal(run(&info), MISS);
	info.bpf_program[2].k = 0x303;
	assert_int_equal(run(&info), MATCH);
	info.bpf_program[1].k = 3; /* beyond the end: 0 */
	assert_int_equal(run(&info), MISS);
	info.bpf_program[1].k = 0;
	info.bpf_program[2] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0);
	assert_int_equal(run(&info), MATCH); /* 0x102 / 20 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check),
		cmocka_unit_test(programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
