// SPDX-License-Identifier: GPL-2.0-only
/* -m bpf where TC decides */
#include "look_tc.h"

#include "cbpf.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_tc_cbpf(struct __sk_buff *ctx, struct xtbpf_key *key, struct xtbpf_cbpf *data)
{
	struct look l;

	if (!key || !data)
		return 0;
	look_open(&l, ctx, key);
	return cbpf_run(&l, data) != 0;
}
