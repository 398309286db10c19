// SPDX-License-Identifier: GPL-2.0-only
/* the chunks of -m sctp at netfilter hooks */
#include "look_nf.h"

#include "sctp.h"

char _license[] SEC("license") = "GPL";

__noinline int xtbpf_nf_sctp(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, struct xtbpf_sctp *data)
{
	struct look l;

	if (!key || !data || look_open(&l, ctx))
		return 0;
	return sctp_holds(&l, key->thoff, data);
}
