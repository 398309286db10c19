/* SPDX-License-Identifier: GPL-2.0-only */
#include "bpfsys.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The parts of union bpf_attr and struct bpf_link_info that the installed
 * headers may lack, laid out as in include/uapi/linux/bpf.h. Longer than an old
 * kernel's own is fine as long as the tail is zero (bpf_check_uarg_tail_zero).
 */
struct attr_link_create {
	uint32_t prog_fd;
	uint32_t target_ifindex;
	uint32_t attach_type;
	uint32_t flags;
	union {
		struct {
			uint32_t pf;
			uint32_t hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		struct {
			uint32_t relative_fd;
			uint32_t pad;
			uint64_t expected_revision;
		} tcx;
	};
};

struct attr_prog_query {
	uint32_t target_ifindex;
	uint32_t attach_type;
	uint32_t query_flags;
	uint32_t attach_flags;
	uint64_t prog_ids;
	uint32_t count;
	uint32_t pad;
	uint64_t prog_attach_flags;
	uint64_t link_ids;
	uint64_t link_attach_flags;
	uint64_t revision;
};

struct attr_get_info {
	uint32_t bpf_fd;
	uint32_t info_len;
	uint64_t info;
};

struct link_info {
	uint32_t type;
	uint32_t id;
	uint32_t prog_id;
	uint32_t pad;
	union {
		struct {
			uint32_t ifindex;
			uint32_t attach_type;
		} dev;
		struct {
			uint32_t pf;
			uint32_t hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		uint8_t room[64];
	};
};

static int sys_bpf(int cmd, void *attr, size_t size)
{
	long ret = syscall(SYS_bpf, cmd, attr, size);

	return ret < 0 ? -errno : (int)ret;
}

int xtbpf_bpf_link_netfilter(int prog_fd, uint32_t pf, uint32_t hook, int priority)
{
	struct attr_link_create attr = {
		.prog_fd = (uint32_t)prog_fd,
		.attach_type = XTBPF_ATTACH_TYPE_NETFILTER,
		.netfilter = { .pf = pf, .hooknum = hook, .priority = priority },
	};

	return sys_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
}

int xtbpf_bpf_link_tcx(int prog_fd, int ifindex, bool egress)
{
	struct attr_link_create attr = {
		.prog_fd = (uint32_t)prog_fd,
		.target_ifindex = (uint32_t)ifindex,
		.attach_type =
			egress ? XTBPF_ATTACH_TYPE_TCX_EGRESS : XTBPF_ATTACH_TYPE_TCX_INGRESS,
	};

	return sys_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
}

int xtbpf_bpf_link_xdp(int prog_fd, int ifindex)
{
	struct attr_link_create attr = {
		.prog_fd = (uint32_t)prog_fd,
		.target_ifindex = (uint32_t)ifindex,
		.attach_type = BPF_XDP,
		.flags = XDP_FLAGS_DRV_MODE,
	};

	return sys_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
}

int xtbpf_bpf_link_info(int link_fd, struct xtbpf_link *out)
{
	struct link_info info = { 0 };
	struct attr_get_info attr = {
		.bpf_fd = (uint32_t)link_fd,
		.info_len = sizeof(info),
		.info = (uintptr_t)&info,
	};
	int ret = sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));

	if (ret < 0)
		return ret;
	*out = (struct xtbpf_link){ .type = info.type, .id = info.id, .prog_id = info.prog_id };
	if (info.type == XTBPF_LINK_TYPE_NETFILTER) {
		out->pf = info.netfilter.pf;
		out->hook = info.netfilter.hooknum;
		out->priority = info.netfilter.priority;
	} else if (info.type == XTBPF_LINK_TYPE_TCX || info.type == BPF_LINK_TYPE_XDP) {
		out->ifindex = info.dev.ifindex;
	}
	return 0;
}

int xtbpf_bpf_tcx_query(int ifindex, bool egress, uint32_t *ids, uint32_t n)
{
	struct attr_prog_query attr = {
		.target_ifindex = (uint32_t)ifindex,
		.attach_type =
			egress ? XTBPF_ATTACH_TYPE_TCX_EGRESS : XTBPF_ATTACH_TYPE_TCX_INGRESS,
		.prog_ids = (uintptr_t)ids,
		.count = n,
	};
	int ret = sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr));

	if (ret == -ENOENT)
		return 0;
	if (ret < 0 && ret != -ENOSPC)
		return ret;
	return (int)attr.count;
}

int xtbpf_bpf_return(uint32_t prog_type, uint32_t attach_type, const char *name, int32_t value)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = value },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type);

	if (prog_type == BPF_PROG_TYPE_XDP)
		opts.prog_flags = BPF_F_XDP_HAS_FRAGS;
	return bpf_prog_load(prog_type, name, "GPL", insns, 2, &opts);
}
