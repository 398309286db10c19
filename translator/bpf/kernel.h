/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file kernel.h
 * The few kernel structures the netfilter runtime reads, by name: CO-RE fits
 * the offsets to the running kernel, so only the members used are here.
 */
#ifndef XTBPF_KERNEL_H
#define XTBPF_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kfunc.h"

#define XTBPF_CORE __attribute__((preserve_access_index))

struct net_device {
	char name[16];
	unsigned short type;
	unsigned int group;
} XTBPF_CORE;

struct sk_buff {
	struct net_device *dev;
	unsigned int len;
	unsigned char __pkt_type_offset[0]; /* the byte whose first bits are pkt_type */
	unsigned short mac_header;
	unsigned char *head, *data;
} XTBPF_CORE;

struct nf_hook_state {
	struct net_device *in;
	struct net_device *out;
} XTBPF_CORE;

/* include/linux/bpf.h of the kernel: the context of BPF_PROG_TYPE_NETFILTER, fixed layout. */
struct bpf_nf_ctx {
	const struct nf_hook_state *state;
	struct sk_buff *skb;
};

/* Kernel 6.4. Slices of packets that are not linear are copied to the buffer given. */
static int (*bpf_dynptr_from_skb)(struct __sk_buff *skb, __u64 flags,
				  struct bpf_dynptr *ptr) = (void *)XTBPF_KFUNC_DYNPTR_FROM_SKB;
static void *(*bpf_dynptr_slice)(const struct bpf_dynptr *ptr, __u32 offset, void *buffer,
				 __u32 size) = (void *)XTBPF_KFUNC_DYNPTR_SLICE;

#endif
