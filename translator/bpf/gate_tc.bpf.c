// SPDX-License-Identifier: GPL-2.0-only
/* The gate on a tcx link or clsact filter. */
#include "gate_body.h"

#include <linux/pkt_cls.h>

SEC("tc") int xtbpf_gate_tc(struct __sk_buff *ctx)
{
	gate(ctx, slot);
	return TC_ACT_UNSPEC; /* on with the next program or filter */
}
