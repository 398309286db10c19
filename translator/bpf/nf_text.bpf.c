// SPDX-License-Identifier: GPL-2.0-only
/* -m string at netfilter hooks */
#include "look_nf.h"

#include "text.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_nf_text(struct bpf_nf_ctx *ctx, struct xtbpf_key *key,
			     struct xtbpf_string *data)
{
	struct look l;

	if (!key || !data || look_open(&l, ctx))
		return 0;
	return text_found(&l, data);
}
