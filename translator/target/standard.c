// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The two targets that ip_tables itself registers (ipt_builtin_tg). What they
 * do is in ruleset and evaluator; these rows carry their sizes and revision.
 */
#include "../extension.h"

#include <linux/netfilter/x_tables.h>

const struct xtbpf_target_ops xtbpf_target_standard4 = {
	.name = XT_STANDARD_TARGET,
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(int)),
	.usersize = sizeof(int),
};

const struct xtbpf_target_ops xtbpf_target_standard6 = {
	.name = XT_STANDARD_TARGET,
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(int)),
	.usersize = sizeof(int),
};
