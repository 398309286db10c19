/* SPDX-License-Identifier: GPL-2.0-only */
/* Gates on devices: XDP and tcx links, and clsact filters where there is no tcx. */
#include <bpf/libbpf.h>
#include <errno.h>

#include "../bpfsys.h"
#include "internal.h"

static int attach_xdp(struct xtbpf_enforce *e, struct attachment *a, int gate_fd)
{
	int fd = xtbpf_bpf_link_xdp(gate_fd, a->ifindex);

	if (fd < 0)
		return fd;
	a->fd = fd;
	return 0;
}

static int attach_tcx(struct xtbpf_enforce *e, struct attachment *a, int gate_fd)
{
	int fd = xtbpf_bpf_link_tcx(gate_fd, a->ifindex, slot_is_egress(a->slot));

	if (fd < 0)
		return fd;
	a->fd = fd;
	return 0;
}

/* ---- clsact (before 6.6) --------------------------------------------- */

/*
 * A filter has no descriptor and no pin: it is known by its priority, which also
 * keeps it from ever replacing somebody else's.
 */
#define FIRST_PRIORITY 0xbf00
#define HANDLE 1

static struct bpf_tc_hook tc_hook(const struct attachment *a)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = a->ifindex,
		    .attach_point = slot_is_egress(a->slot) ? BPF_TC_EGRESS : BPF_TC_INGRESS);

	return hook;
}

static int attach_clsact(struct xtbpf_enforce *e, struct attachment *a, int gate_fd)
{
	struct bpf_tc_hook hook = tc_hook(a);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = gate_fd, .handle = HANDLE,
		    .priority = FIRST_PRIORITY + a->slot);
	LIBBPF_OPTS(bpf_tc_opts, have, .handle = HANDLE, .priority = FIRST_PRIORITY + a->slot);
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return err;
	/* left by an earlier helper: a gate on the same maps does as well as a new one */
	if (!bpf_tc_query(&hook, &have))
		return 0;
	return bpf_tc_attach(&hook, &opts);
}

/* The clsact itself stays: others may have filters on it by now. */
static void detach_clsact(struct xtbpf_enforce *e, struct attachment *a)
{
	struct bpf_tc_hook hook = tc_hook(a);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = HANDLE, .priority = FIRST_PRIORITY + a->slot);

	bpf_tc_detach(&hook, &opts);
}

const struct link_ops link_xdp = { .name = "xdp", .pinned = true, .attach = attach_xdp };
const struct link_ops link_tcx = { .name = "tcx", .pinned = true, .attach = attach_tcx };
const struct link_ops link_clsact = { .name = "clsact",
				      .attach = attach_clsact,
				      .detach = detach_clsact };
