// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m tcpmss: net/netfilter/xt_tcpmss.c */
#include "../extension.h"

#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_tcpmss.h>

#define TCP_HEADER 20
#define OPT_MSS 2
#define OPT_MSS_LEN 4

/* Later fragments are read as if a TCP header were there, as the kernel does. */
static int tcpmss_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_tcpmss_match_info *info = data;
	struct xtbpf_range range = { XTBPF_F_MSS, info->mss_min, info->mss_max };
	int err = xtbpf_lower_need(low, TCP_HEADER, true);

	if (!err)
		err = xtbpf_lower_guard(low, XTBPF_P_BADOPT);
	if (err)
		return err;
	if (info->invert <= 1) /* without the option: outside any range */
		return xtbpf_lower_any(low, &range, info->mss_min <= info->mss_max, info->invert);
	return 0; /* a byte is XORed, unchecked, and taken as bool */
}

/* -1: there is none */
static int find_mss(const uint8_t *opt, uint32_t len)
{
	uint32_t i = 0;

	while (i < len) {
		if (opt[i] == OPT_MSS && len - i >= OPT_MSS_LEN && opt[i + 1] == OPT_MSS_LEN)
			return opt[i + 2] << 8 | opt[i + 3];
		if (opt[i] < 2 || i + 1 >= len || !opt[i + 1])
			i++;
		else
			i += opt[i + 1];
	}
	return -1;
}

static bool tcpmss_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_tcpmss_match_info *info = data;
	const uint8_t *th = xtbpf_eval_bytes(p, p->thoff, TCP_HEADER), *opt = NULL;
	uint32_t len = th ? (th[12] >> 4) * 4u : 0;
	int mss;

	if (len >= TCP_HEADER)
		opt = xtbpf_eval_bytes(p, p->thoff + TCP_HEADER, len - TCP_HEADER);
	if (!opt) {
		p->hotdrop = true;
		return false;
	}
	mss = find_mss(opt, len - TCP_HEADER);
	return (mss >= info->mss_min && mss <= info->mss_max) ^ info->invert;
}

const struct xtbpf_match_ops xtbpf_match_tcpmss4 = {
	.name = "tcpmss",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_tcpmss_match_info)),
	.usersize = sizeof(struct xt_tcpmss_match_info),
	.proto = IPPROTO_TCP,
	.lower = tcpmss_lower,
	.evaluate = tcpmss_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_tcpmss6 = {
	.name = "tcpmss",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_tcpmss_match_info)),
	.usersize = sizeof(struct xt_tcpmss_match_info),
	.proto = IPPROTO_TCP,
	.lower = tcpmss_lower,
	.evaluate = tcpmss_evaluate,
};
