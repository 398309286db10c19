// SPDX-License-Identifier: GPL-2.0-only
/* the chunks of -m sctp where TC decides */
#include "look_tc.h"

#include "sctp.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_tc_sctp(struct __sk_buff *ctx, struct xtbpf_key *key, struct xtbpf_sctp *data)
{
	struct look l;

	if (!key || !data)
		return 0;
	look_open(&l, ctx, key);
	return sctp_holds(&l, key->thoff, data);
}
