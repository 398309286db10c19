/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file cbpf.h
 * An interpreter of classic BPF, for -m bpf; the includer brings look_read. The
 * program was checked (translator/match/cbpf.c): jumps go forward and end in it, cells
 * are written before they are read.
 */
#ifndef XTBPF_CBPF_H
#define XTBPF_CBPF_H

#include <linux/filter.h>

#include <bpf/bpf_endian.h>

#define AD_XOR_X ((__u32)(SKF_AD_OFF + SKF_AD_ALU_XOR_X))

/**
 * struct cbpf_run
 * @end: the program is over, with @result
 */
struct cbpf_run {
	struct look *l;
	const struct xtbpf_cbpf *prog;
	__u32 a, x, pc, result;
	__u32 mem[BPF_MEMWORDS];
	__u32 end;
};

/* A load outside the packet, like a division by 0, ends the program with 0. */
static __always_inline __u32 cbpf_fail(struct cbpf_run *r)
{
	r->end = 1;
	return 0;
}

static __always_inline __u32 cbpf_packet(struct look *l, struct cbpf_run *r, __u16 code, __u32 at)
{
	__u32 word;
	__u16 half;
	__u8 byte;

	if (at > 0x7fffffff)
		return cbpf_fail(r);
	switch (BPF_SIZE(code)) {
	case BPF_W:
		return look_read(l, at, &word, sizeof(word)) ? cbpf_fail(r) : bpf_ntohl(word);
	case BPF_H:
		return look_read(l, at, &half, sizeof(half)) ? cbpf_fail(r) : bpf_ntohs(half);
	default:
		return look_read(l, at, &byte, sizeof(byte)) ? cbpf_fail(r) : byte;
	}
}

static __always_inline void cbpf_load(struct look *l, struct cbpf_run *r, __u16 code, __u32 k)
{
	__u32 value;

	switch (BPF_MODE(code)) {
	case BPF_IMM:
		value = k;
		break;
	case BPF_MEM:
		value = r->mem[k & (BPF_MEMWORDS - 1)];
		break;
	case BPF_LEN:
		value = l->len;
		break;
	case BPF_MSH:
		value = (cbpf_packet(l, r, BPF_B, k) & 15) << 2;
		break;
	default:
		if (BPF_MODE(code) == BPF_ABS && k == AD_XOR_X) {
			r->a ^= r->x;
			return;
		}
		value = cbpf_packet(l, r, code, BPF_MODE(code) == BPF_IND ? r->x + k : k);
	}
	if (BPF_CLASS(code) == BPF_LD)
		r->a = value;
	else
		r->x = value;
}

static __always_inline void cbpf_alu(struct cbpf_run *r, __u16 code, __u32 k)
{
	__u32 by = BPF_SRC(code) == BPF_X ? r->x : k;

	switch (BPF_OP(code)) {
	case BPF_ADD:
		r->a += by;
		break;
	case BPF_SUB:
		r->a -= by;
		break;
	case BPF_MUL:
		r->a *= by;
		break;
	case BPF_DIV:
		r->a = by ? r->a / by : cbpf_fail(r);
		break;
	case BPF_MOD:
		r->a = by ? r->a % by : cbpf_fail(r);
		break;
	case BPF_AND:
		r->a &= by;
		break;
	case BPF_OR:
		r->a |= by;
		break;
	case BPF_XOR:
		r->a ^= by;
		break;
	case BPF_LSH:
		r->a <<= by & 31;
		break;
	case BPF_RSH:
		r->a >>= by & 31;
		break;
	case BPF_NEG:
		r->a = -r->a;
		break;
	}
}

static __always_inline __u32 cbpf_jump(const struct cbpf_run *r, const struct xtbpf_cbpf_insn *i)
{
	__u32 with = BPF_SRC(i->code) == BPF_X ? r->x : i->k;
	int yes = 0;

	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return i->k;
	case BPF_JEQ:
		yes = r->a == with;
		break;
	case BPF_JGT:
		yes = r->a > with;
		break;
	case BPF_JGE:
		yes = r->a >= with;
		break;
	case BPF_JSET:
		yes = (r->a & with) != 0;
		break;
	}
	return yes ? i->jt : i->jf;
}

static __always_inline void cbpf_step(struct look *l, struct cbpf_run *r,
				      const struct xtbpf_cbpf_insn *i)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
	case BPF_LDX:
		cbpf_load(l, r, i->code, i->k);
		break;
	case BPF_ST:
		r->mem[i->k & (BPF_MEMWORDS - 1)] = r->a;
		break;
	case BPF_STX:
		r->mem[i->k & (BPF_MEMWORDS - 1)] = r->x;
		break;
	case BPF_ALU:
		cbpf_alu(r, i->code, i->k);
		break;
	case BPF_JMP:
		r->pc += cbpf_jump(r, i);
		break;
	case BPF_RET:
		r->result = BPF_RVAL(i->code) == BPF_A ? r->a : i->k;
		r->end = 1;
		break;
	case BPF_MISC:
		if (BPF_MISCOP(i->code) == BPF_TAX)
			r->x = r->a;
		else
			r->a = r->x;
		break;
	}
}

static long cbpf_next(__u32 index, struct cbpf_run *r)
{
	__u32 pc = r->pc & (XTBPF_CBPF_MAX - 1);

	r->pc = pc + 1;
	cbpf_step(r->l, r, &r->prog->insn[pc]);
	return r->end ? 1 : 0;
}

static __always_inline __u32 cbpf_run(struct look *l, const struct xtbpf_cbpf *prog)
{
	/* pad is 0, which the verifier does not know: from constants it would count up. */
	struct cbpf_run r = { .l = l,
			      .prog = prog,
			      .a = prog->pad,
			      .x = prog->pad,
			      .pc = prog->pad,
			      .result = prog->pad };

	for (int i = 0; i < BPF_MEMWORDS; i++)
		r.mem[i] = prog->pad;
	bpf_loop(XTBPF_CBPF_MAX, cbpf_next, &r, 0);
	return r.result;
}

#endif
