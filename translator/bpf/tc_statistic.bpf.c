// SPDX-License-Identifier: GPL-2.0-only
/* -m statistic where TC decides */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "statistic.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_tc_nth(struct __sk_buff *ctx, struct xtbpf_key *key, struct xtbpf_nth *data)
{
	return data ? statistic_nth(data) : 0;
}

__noinline int xtbpf_tc_random(struct __sk_buff *ctx, struct xtbpf_key *key,
			       struct xtbpf_random *data)
{
	return data ? statistic_random(data) : 0;
}
