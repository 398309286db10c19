// SPDX-License-Identifier: LGPL-2.1-or-later
/* net/netfilter/xt_comment.c: always true, and the text need not end. */
#include "../extension.h"

#include <linux/netfilter/xt_comment.h>

const struct xtbpf_match_ops xtbpf_match_comment = {
	.name = "comment",
	.family = XTBPF_EXT_UNSPEC,
	.size = sizeof(struct xt_comment_info),
};
