// SPDX-License-Identifier: GPL-2.0-only
/* -m string where TC decides */
#include "look_tc.h"

#include "text.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_tc_text(struct __sk_buff *ctx, struct xtbpf_key *key,
			     struct xtbpf_string *data)
{
	struct look l;

	if (!key || !data)
		return 0;
	look_open(&l, ctx, key);
	return text_found(&l, data);
}
