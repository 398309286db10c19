// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m bpf: net/netfilter/xt_bpf.c; only programs that come as bytecode */
#include "../bpf/payload.h"
#include "../extension.h"
#include "cbpf.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_bpf.h>
#include <string.h>

static int bpf0_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_bpf_info *info = data;

	if (info->bpf_program_num_elem > XT_BPF_MAX_NUM_INSTR)
		return -EINVAL;
	return xtbpf_cbpf_check(info->bpf_program, info->bpf_program_num_elem);
}

static int bpf1_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_bpf_info_v1 *info = data;

	switch (info->mode) {
	case XT_BPF_MODE_BYTECODE:
		if (info->bpf_program_num_elem > XT_BPF_MAX_NUM_INSTR)
			return -EINVAL;
		return xtbpf_cbpf_check(info->bpf_program, info->bpf_program_num_elem);
	case XT_BPF_MODE_PATH_PINNED:
		return strnlen(info->path, XT_BPF_PATH_MAX) == XT_BPF_PATH_MAX ? -EINVAL : 0;
	case XT_BPF_MODE_FD_ELF:
		return 0; /* refused by name when lowered */
	default:
		return -EINVAL;
	}
}

static const struct xtbpf_callee callee = {
	.name = "cbpf",
	.nf = "nf_cbpf",
	.tc = "tc_cbpf",
	.type = "xtbpf_cbpf",
	.size = sizeof(struct xtbpf_cbpf),
};

static int bytecode_lower(const struct sock_filter *prog, uint16_t n, struct xtbpf_lower *low)
{
	const char *foreign = xtbpf_cbpf_foreign(prog, n);
	struct xtbpf_cbpf p = { .n = n };
	unsigned int i;

	if (foreign)
		return xtbpf_lower_refuse(low, "the program %s", foreign);
	for (i = 0; i < n; i++)
		p.insn[i] = (struct xtbpf_cbpf_insn){
			.code = prog[i].code, .jt = prog[i].jt, .jf = prog[i].jf, .k = prog[i].k
		};
	return xtbpf_lower_call(low, &callee, &p, false);
}

static int bpf0_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_bpf_info *info = data;

	return bytecode_lower(info->bpf_program, info->bpf_program_num_elem, low);
}

static int bpf1_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_bpf_info_v1 *info = data;

	if (info->mode != XT_BPF_MODE_BYTECODE)
		return xtbpf_lower_refuse(low, "a pinned program is of a kind that only the "
					       "kernel can call: give it as --bytecode");
	return bytecode_lower(info->bpf_program, info->bpf_program_num_elem, low);
}

static bool bpf0_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_bpf_info *info = data;

	return xtbpf_cbpf_run(info->bpf_program, info->bpf_program_num_elem, p->pkt->l3,
			      p->pkt->len) != 0;
}

static bool bpf1_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_bpf_info_v1 *info = data;

	return xtbpf_cbpf_run(info->bpf_program, info->bpf_program_num_elem, p->pkt->l3,
			      p->pkt->len) != 0;
}

const struct xtbpf_match_ops xtbpf_match_bpf0 = {
	.name = "bpf",
	.family = XTBPF_EXT_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_bpf_info)),
	.usersize = offsetof(struct xt_bpf_info, filter),
	.check = bpf0_check,
	.lower = bpf0_lower,
	.evaluate = bpf0_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_bpf1 = {
	.name = "bpf",
	.family = XTBPF_EXT_UNSPEC,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_bpf_info_v1)),
	.usersize = offsetof(struct xt_bpf_info_v1, filter),
	.check = bpf1_check,
	.lower = bpf1_lower,
	.evaluate = bpf1_evaluate,
};
