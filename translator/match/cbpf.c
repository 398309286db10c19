// SPDX-License-Identifier: LGPL-2.1-or-later
/* Classic BPF: the checks and the meaning of net/core/filter.c, in plain C. */
#include "cbpf.h"

#include <errno.h>

#define MAX_INSNS 64

static bool alu_ok(uint16_t code, uint32_t k)
{
	if (BPF_OP(code) == BPF_NEG)
		return code == (BPF_ALU | BPF_NEG);
	switch (BPF_OP(code)) {
	case BPF_DIV:
	case BPF_MOD:
		return BPF_SRC(code) == BPF_X || k != 0;
	case BPF_LSH:
	case BPF_RSH:
		return BPF_SRC(code) == BPF_X || k < 32;
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		return true;
	default:
		return false;
	}
}

static bool jump_ok(const struct sock_filter *f, size_t left)
{
	switch (f->code) {
	case BPF_JMP | BPF_JA:
		return f->k < left;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return f->jt < left && f->jf < left;
	default:
		return false;
	}
}

/* Loads from SKF_AD_OFF on must be of something there is. */
static bool absolute_ok(uint32_t k)
{
	if (k < (uint32_t)SKF_AD_OFF)
		return true;
	k -= (uint32_t)SKF_AD_OFF;
	return k < SKF_AD_MAX && k % 4 == 0;
}

static bool load_ok(const struct sock_filter *f)
{
	switch (f->code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
		return absolute_ok(f->k);
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_LDX | BPF_IMM:
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
		return f->k < BPF_MEMWORDS;
	default:
		return false;
	}
}

/* left: instructions behind this one */
static bool insn_ok(const struct sock_filter *f, size_t left)
{
	if (f->code & ~0xffu)
		return false;
	switch (BPF_CLASS(f->code)) {
	case BPF_LD:
	case BPF_LDX:
		return load_ok(f);
	case BPF_ST:
	case BPF_STX:
		return (f->code == BPF_ST || f->code == BPF_STX) && f->k < BPF_MEMWORDS;
	case BPF_ALU:
		return alu_ok(f->code, f->k);
	case BPF_JMP:
		return jump_ok(f, left);
	case BPF_RET:
		return f->code == (BPF_RET | BPF_K) || f->code == (BPF_RET | BPF_A);
	default:
		return f->code == (BPF_MISC | BPF_TAX) || f->code == (BPF_MISC | BPF_TXA);
	}
}

/* No cell is read that some way there has not written (check_load_and_stores). */
static bool memory_ok(const struct sock_filter *prog, size_t n)
{
	uint16_t valid[MAX_INSNS], now = 0;
	size_t i;

	for (i = 0; i < n; i++)
		valid[i] = UINT16_MAX;
	for (i = 0; i < n; i++) {
		const struct sock_filter *f = &prog[i];

		now &= valid[i];
		if (f->code == BPF_ST || f->code == BPF_STX) {
			now |= (uint16_t)(1u << f->k);
		} else if (f->code == (BPF_LD | BPF_MEM) || f->code == (BPF_LDX | BPF_MEM)) {
			if (!(now >> f->k & 1))
				return false;
		} else if (f->code == (BPF_JMP | BPF_JA)) {
			valid[i + 1 + f->k] &= now;
			now = UINT16_MAX;
		} else if (BPF_CLASS(f->code) == BPF_JMP) {
			valid[i + 1 + f->jt] &= now;
			valid[i + 1 + f->jf] &= now;
			now = UINT16_MAX;
		}
	}
	return true;
}

int xtbpf_cbpf_check(const struct sock_filter *prog, size_t n)
{
	size_t i;

	if (!n || n > MAX_INSNS)
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (!insn_ok(&prog[i], n - i - 1))
			return -EINVAL;
	if (BPF_CLASS(prog[n - 1].code) != BPF_RET)
		return -EINVAL;
	return memory_ok(prog, n) ? 0 : -EINVAL;
}

static bool is_packet_load(uint16_t code)
{
	return BPF_CLASS(code) == BPF_LD &&
	       (BPF_MODE(code) == BPF_ABS || BPF_MODE(code) == BPF_IND);
}

const char *xtbpf_cbpf_foreign(const struct sock_filter *prog, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool abs = BPF_MODE(prog[i].code) == BPF_ABS;
		bool msh = prog[i].code == (BPF_LDX | BPF_B | BPF_MSH);

		if ((!is_packet_load(prog[i].code) && !msh) || prog[i].k < INT32_MAX)
			continue;
		if (abs && prog[i].k == (uint32_t)(SKF_AD_OFF + SKF_AD_ALU_XOR_X))
			continue;
		if (abs && prog[i].k >= (uint32_t)SKF_AD_OFF)
			return "loads what the kernel knows about a packet (an ancillary load)";
		return "loads by a negative offset";
	}
	return NULL;
}

/**
 * struct cbpf - a program on its way
 * @failed: a load outside the packet or a division by 0: the program returns 0
 */
struct cbpf {
	const uint8_t *pkt;
	uint32_t len, a, x, mem[BPF_MEMWORDS];
	bool failed;
};

static uint32_t load(struct cbpf *s, uint32_t at, uint32_t n)
{
	uint32_t value = 0;

	if (at > INT32_MAX || at > s->len || n > s->len - at) {
		s->failed = true;
		return 0;
	}
	while (n--)
		value = value << 8 | s->pkt[at++];
	return value;
}

static uint32_t width(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

static void run_load(struct cbpf *s, const struct sock_filter *f)
{
	uint32_t *to = BPF_CLASS(f->code) == BPF_LD ? &s->a : &s->x;

	switch (BPF_MODE(f->code)) {
	case BPF_IMM:
		*to = f->k;
		break;
	case BPF_MEM:
		*to = s->mem[f->k];
		break;
	case BPF_LEN:
		*to = s->len;
		break;
	case BPF_MSH:
		s->x = (load(s, f->k, 1) & 15) << 2;
		break;
	case BPF_IND:
		s->a = load(s, s->x + f->k, width(f->code));
		break;
	default:
		if (f->k == (uint32_t)(SKF_AD_OFF + SKF_AD_ALU_XOR_X))
			s->a ^= s->x;
		else
			s->a = load(s, f->k, width(f->code));
	}
}

static void run_alu(struct cbpf *s, const struct sock_filter *f)
{
	uint32_t by = BPF_SRC(f->code) == BPF_X ? s->x : f->k;

	switch (BPF_OP(f->code)) {
	case BPF_ADD:
		s->a += by;
		break;
	case BPF_SUB:
		s->a -= by;
		break;
	case BPF_MUL:
		s->a *= by;
		break;
	case BPF_DIV:
	case BPF_MOD:
		s->failed = !by;
		if (by)
			s->a = BPF_OP(f->code) == BPF_DIV ? s->a / by : s->a % by;
		break;
	case BPF_AND:
		s->a &= by;
		break;
	case BPF_OR:
		s->a |= by;
		break;
	case BPF_XOR:
		s->a ^= by;
		break;
	case BPF_LSH:
		s->a <<= by & 31;
		break;
	case BPF_RSH:
		s->a >>= by & 31;
		break;
	default:
		s->a = -s->a;
	}
}

static uint32_t jump(const struct cbpf *s, const struct sock_filter *f)
{
	uint32_t with = BPF_SRC(f->code) == BPF_X ? s->x : f->k;

	switch (BPF_OP(f->code)) {
	case BPF_JA:
		return f->k;
	case BPF_JEQ:
		return s->a == with ? f->jt : f->jf;
	case BPF_JGT:
		return s->a > with ? f->jt : f->jf;
	case BPF_JGE:
		return s->a >= with ? f->jt : f->jf;
	default:
		return s->a & with ? f->jt : f->jf;
	}
}

uint32_t xtbpf_cbpf_run(const struct sock_filter *prog, size_t n, const uint8_t *pkt, uint32_t len)
{
	struct cbpf s = { .pkt = pkt, .len = len };
	size_t pc;

	for (pc = 0; pc < n && !s.failed; pc++) {
		const struct sock_filter *f = &prog[pc];

		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
		case BPF_LDX:
			run_load(&s, f);
			break;
		case BPF_ST:
			s.mem[f->k] = s.a;
			break;
		case BPF_STX:
			s.mem[f->k] = s.x;
			break;
		case BPF_ALU:
			run_alu(&s, f);
			break;
		case BPF_JMP:
			pc += jump(&s, f);
			break;
		case BPF_RET:
			return BPF_RVAL(f->code) == BPF_A ? s.a : f->k;
		default:
			if (BPF_MISCOP(f->code) == BPF_TAX)
				s.x = s.a;
			else
				s.a = s.x;
		}
	}
	return 0;
}
