/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file gate_body.h
 * What the three kinds of gates have in common. A gate stays on its link for
 * good; the generation's parity picks one of its two slots. Both jumps carry an
 * index the verifier knows (slot is read-only data by then), so that the JIT makes
 * them direct jumps: an index computed at run time costs 12 ns more.
 */
#ifndef XTBPF_GATE_BODY_H
#define XTBPF_GATE_BODY_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "gate.h"

/* Set by the loader before load. */
const volatile __u32 slot = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u32);
} gen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XTBPF_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} slots SEC(".maps");

char _license[] SEC("license") = "GPL";

/* In assembly: the compiler would merge the two calls into one with a computed index. */
static __always_inline void gate_jump(void *ctx, __u64 index)
{
	asm volatile("r1 = %[ctx]\n\t"
		     "r3 = %[index]\n\t"
		     "r2 = %[map] ll\n\t"
		     "call %[call]"
		     :
		     : [ctx] "r"(ctx), [index] "r"(index), [map] "i"(&slots),
		       [call] "i"(BPF_FUNC_tail_call)
		     : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
}

/* Comes back only when the slot is empty. */
static __always_inline void gate(void *ctx, __u64 which)
{
	__u64 first = which * 2;
	__u32 zero = 0;
	volatile __u32 *generation = bpf_map_lookup_elem(&gen, &zero);

	if (!generation)
		return;
	if (*generation & 1)
		gate_jump(ctx, first + 1);
	else
		gate_jump(ctx, first);
}

#endif
