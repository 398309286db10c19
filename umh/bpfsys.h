/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file bpfsys.h
 * The bpf() calls that libbpf 1.1 and the headers of Linux 6.1 do not know:
 * netfilter links (6.4) and tcx links (6.6). All return a new descriptor or
 * a value, or a negative errno.
 */
#ifndef XTBPF_BPFSYS_H
#define XTBPF_BPFSYS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* include/uapi/linux/bpf.h of 6.6 */
#define XTBPF_PROG_TYPE_NETFILTER 32
#define XTBPF_ATTACH_TYPE_NETFILTER 45
#define XTBPF_ATTACH_TYPE_TCX_INGRESS 46
#define XTBPF_ATTACH_TYPE_TCX_EGRESS 47
#define XTBPF_LINK_TYPE_NETFILTER 10
#define XTBPF_LINK_TYPE_TCX 11

/**
 * struct xtbpf_link - what the kernel says of a link
 * @ifindex: XDP and tcx; 0 when its device is gone
 * @pf, @hook, @priority: netfilter
 */
struct xtbpf_link {
	uint32_t type;
	uint32_t id;
	uint32_t prog_id;
	uint32_t ifindex;
	uint32_t pf;
	uint32_t hook;
	int32_t priority;
};

/** A netfilter link in the calling thread's network namespace; -EBUSY: that priority is taken. */
int xtbpf_bpf_link_netfilter(int prog_fd, uint32_t pf, uint32_t hook, int priority);
/** A tcx link, behind those that are there; -EINVAL where the kernel has no tcx. */
int xtbpf_bpf_link_tcx(int prog_fd, int ifindex, bool egress);
/** A native XDP link; -EBUSY: somebody else's program is there, -EOPNOTSUPP: the driver has none. */
int xtbpf_bpf_link_xdp(int prog_fd, int ifindex);
int xtbpf_bpf_link_info(int link_fd, struct xtbpf_link *out);
/** Ids of the tcx programs of a device, at most n; returns how many there are. */
int xtbpf_bpf_tcx_query(int ifindex, bool egress, uint32_t *ids, uint32_t n);
/** A program of two instructions that returns value. */
int xtbpf_bpf_return(uint32_t prog_type, uint32_t attach_type, const char *name, int32_t value);

#endif
