// SPDX-License-Identifier: GPL-2.0-only
/* -m statistic at netfilter hooks */
#include "kernel.h"

#include "statistic.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_nf_nth(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct xtbpf_nth *data)
{
	return data ? statistic_nth(data) : 0;
}

__noinline int xtbpf_nf_random(struct bpf_nf_ctx *ctx, struct xtbpf_key *key,
			       struct xtbpf_random *data)
{
	return data ? statistic_random(data) : 0;
}
