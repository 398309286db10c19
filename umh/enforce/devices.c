/* SPDX-License-Identifier: GPL-2.0-only */
#include "internal.h"

int devices_sync(struct xtbpf_enforce *e, const struct xtbpf_change *c, struct xtbpf_reason *why)
{
	return 0;
}
const struct link_ops link_xdp = { "xdp" }, link_tcx = { "tcx" }, link_clsact = { "clsact" };
