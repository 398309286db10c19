// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate on an XDP link. A device has room for one XDP program, so this one
 * serves both families.
 */
#include "gate_body.h"

#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>

SEC("xdp") int xtbpf_gate_xdp(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		gate(ctx, slot);
	else if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		gate(ctx, slot + 1);
	return XDP_PASS;
}
