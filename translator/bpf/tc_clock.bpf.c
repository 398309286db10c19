// SPDX-License-Identifier: GPL-2.0-only
/* -m time where TC decides */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "clock.h"
#include "clock_now.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_tc_clock(struct __sk_buff *ctx, struct xtbpf_key *key, struct xtbpf_time *data)
{
	return data ? clock_holds(data, clock_now((int)data->local)) : 0;
}
