// SPDX-License-Identifier: GPL-2.0-only
/* -m time at netfilter hooks */
#include "kernel.h"

#include "clock.h"
#include "clock_now.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_nf_clock(struct bpf_nf_ctx *ctx, struct xtbpf_key *key,
			      struct xtbpf_time *data)
{
	return data ? clock_holds(data, clock_now((int)data->local)) : 0;
}
