// SPDX-License-Identifier: GPL-2.0-only
/* -m u32 at netfilter hooks */
#include "look_nf.h"

#include "u32.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_nf_u32(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct xtbpf_u32 *data)
{
	struct look l;

	if (!key || !data || look_open(&l, ctx))
		return 0;
	return u32_holds(&l, data);
}
