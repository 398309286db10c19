// SPDX-License-Identifier: GPL-2.0-only
/* -m u32 where TC decides */
#include "look_tc.h"

#include "u32.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_tc_u32(struct __sk_buff *ctx, struct xtbpf_key *key, struct xtbpf_u32 *data)
{
	struct look l;

	if (!key || !data)
		return 0;
	look_open(&l, ctx, key);
	return u32_holds(&l, data);
}
