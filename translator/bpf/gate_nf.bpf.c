// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate on a netfilter link. libbpf before 1.3 does not know the section: the
 * loader sets type 32 (BPF_PROG_TYPE_NETFILTER) and expected attach type 45
 * (BPF_NETFILTER).
 */
#include "gate_body.h"

SEC("netfilter") int xtbpf_gate_nf(void *ctx)
{
	gate(ctx, slot);
	return 1; /* NF_ACCEPT */
}
