// SPDX-License-Identifier: GPL-2.0-only
/* -m bpf at netfilter hooks */
#include "look_nf.h"

#include "cbpf.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_nf_cbpf(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct xtbpf_cbpf *data)
{
	struct look l;

	if (!key || !data || look_open(&l, ctx))
		return 0;
	return cbpf_run(&l, data) != 0;
}
