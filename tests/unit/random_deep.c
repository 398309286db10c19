// SPDX-License-Identifier: GPL-2.0-only
#include "random_deep.h"

#include <string.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void rnd_chunks(struct rnd *r, uint8_t *l4, uint32_t len)
{
	uint32_t at = 12;

	while (at + 4 <= len) {
		uint32_t left = len - at, size = 4 + 4 * rnd_below(r, 3);

		if (size > left || rnd_one_in(r, 3))
			size = left;
		if (rnd_one_in(r, 8))
			size = rnd_below(r, 9); /* 0, padded, or beyond the end */
		l4[at] = (uint8_t)(rnd_one_in(r, 10) ? 255 : rnd_below(r, 4));
		l4[at + 1] = (uint8_t)rnd_below(r, 4);
		l4[at + 2] = 0;
		l4[at + 3] = (uint8_t)size;
		at += size ? (size + 3) & ~3u : len;
	}
}

static void add_sctp(struct rnd *r, struct rule *u, struct xt_sctp_info *p)
{
	int i;

	p->flags = rnd_below(r, 8);
	p->invflags = p->flags & rnd_below(r, 8);
	p->spts[1] = rnd_one_in(r, 2) ? 65535 : 80;
	p->dpts[0] = (uint16_t)rnd_below(r, 100);
	p->dpts[1] = 40000;
	p->chunkmap[0] = rnd_below(r, 16);
	p->chunkmap[7] = rnd_one_in(r, 4) ? 1u << 31 : 0;
	p->chunkmap[9] = rnd_one_in(r, 20);
	p->chunk_match_type = rnd_one_in(r, 10) ? 3 : 1u << rnd_below(r, 3);
	p->flag_count = (int)rnd_below(r, XT_NUM_SCTP_FLAGS + 1);
	for (i = 0; i < p->flag_count; i++) {
		p->flag_info[i].chunktype = (uint8_t)rnd_below(r, 4);
		p->flag_info[i].flag_mask = (uint8_t)rnd_below(r, 4);
		p->flag_info[i].flag = (uint8_t)(p->flag_info[i].flag_mask &
						 rnd_below(r, rnd_one_in(r, 9) ? 8 : 4));
	}
	rule_match(u, "sctp", 0, p, sizeof(*p));
}

/* Offsets where the packets of rnd_packet have something, and where they end. */
static uint32_t place(struct rnd *r)
{
	return rnd_one_in(r, 6) ? rnd_below(r, 200) : rnd_below(r, 64);
}

static void add_u32(struct rnd *r, struct rule *u, struct xt_u32 *p)
{
	unsigned int i, k;

	p->ntests = (uint8_t)rnd_below(r, rnd_one_in(r, 8) ? 12 : 4);
	p->invert = rnd_one_in(r, 3) ? (uint8_t)rnd_below(r, 3) : 0;
	for (i = 0; i < p->ntests; i++) {
		struct xt_u32_test *t = &p->tests[i];

		t->nnums = (uint8_t)rnd_below(r, rnd_one_in(r, 8) ? 12 : 5);
		t->nvalues = (uint8_t)(1 + rnd_below(r, 3));
		t->location[0].number = place(r);
		for (k = 1; k < t->nnums; k++) {
			t->location[k].nextop = (uint8_t)rnd_below(r, rnd_one_in(r, 9) ? 5 : 4);
			t->location[k].number = t->location[k].nextop == XT_U32_AT
							? rnd_below(r, 30)
						: t->location[k].nextop == XT_U32_AND
							? (rnd_one_in(r, 2) ? 0x3c : 0xff)
							: rnd_below(r, 32);
		}
		for (k = 0; k < t->nvalues; k++) {
			t->value[k].min = rnd_one_in(r, 2) ? 0 : rnd_below(r, 256);
			t->value[k].max = rnd_one_in(r, 2) ? UINT32_MAX : rnd_below(r, 1u << 30);
		}
	}
	rule_match(u, "u32", 0, p, sizeof(*p));
}

static void add_string(struct rnd *r, struct rule *u, struct xt_string_info *p)
{
	static const uint8_t letters[] = { 0, 1, 2, 3, 10, 11, 0x45, 0x60, 'a', 'A', 0xe0, 0xc0 };
	unsigned int i;

	p->from_offset = (uint16_t)(rnd_one_in(r, 2) ? 0 : place(r));
	p->to_offset = (uint16_t)(rnd_one_in(r, 2) ? 65535 : p->from_offset + place(r));
	strcpy(p->algo, rnd_one_in(r, 2) ? "bm" : "kmp");
	p->patlen = (uint8_t)(1 + rnd_below(r, rnd_one_in(r, 8) ? 128 : 4));
	for (i = 0; i < p->patlen; i++)
		p->pattern[i] = (char)letters[rnd_below(r, rnd_one_in(r, 3) ? COUNT(letters) : 2)];
	p->u.v1.flags = (uint8_t)rnd_below(r, 4);
	rule_match(u, "string", 1, p, sizeof(*p));
}

static void add_time(struct rnd *r, struct rule *u, struct xt_time_info *p)
{
	uint32_t now = (uint32_t)time(NULL);

	p->date_start = rnd_one_in(r, 2) ? 0 : now - 500000 + rnd_below(r, 1000000);
	p->date_stop = rnd_one_in(r, 2) ? INT32_MAX : now - 500000 + rnd_below(r, 1000000);
	p->daytime_start = rnd_one_in(r, 2) ? 0 : rnd_below(r, 86400);
	p->daytime_stop = rnd_one_in(r, 2) ? 86399 : rnd_below(r, 86400);
	p->monthdays_match =
		rnd_one_in(r, 2) ? XT_TIME_ALL_MONTHDAYS : (uint32_t)rnd_below(r, UINT32_MAX) & ~1u;
	p->weekdays_match = rnd_one_in(r, 2) ? XT_TIME_ALL_WEEKDAYS : (uint8_t)rnd_below(r, 256);
	p->flags = (uint8_t)rnd_below(r, 2);
	if (p->daytime_start >= p->daytime_stop && rnd_one_in(r, 2))
		p->flags |= XT_TIME_CONTIGUOUS;
	rule_match(u, "time", 0, p, sizeof(*p));
}

static void add_statistic(struct rnd *r, struct rule *u, struct xt_statistic_info *p)
{
	p->flags = (uint16_t)rnd_below(r, 2);
	if (r->stateful && !rnd_one_in(r, 4)) {
		p->mode = XT_STATISTIC_MODE_NTH;
		p->u.nth.every = rnd_below(r, 5);
		p->u.nth.count = rnd_one_in(r, 6) ? UINT32_MAX - rnd_below(r, 5) : rnd_below(r, 5);
	} else { /* never or always */
		p->u.random.probability = rnd_one_in(r, 2) ? 0 : 1u << 31;
	}
	rule_match(u, "statistic", 0, p, sizeof(*p));
}

/* One instruction that may stand anywhere, with left more behind it. */
static struct sock_filter instruction(struct rnd *r, uint32_t left)
{
	static const uint16_t codes[] = {
		BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_H | BPF_ABS,
		BPF_LD | BPF_B | BPF_ABS,
		BPF_LD | BPF_W | BPF_IND,
		BPF_LD | BPF_B | BPF_IND,
		BPF_LDX | BPF_B | BPF_MSH,
		BPF_LD | BPF_W | BPF_LEN,
		BPF_LD | BPF_IMM,
		BPF_LDX | BPF_IMM,
		BPF_ALU | BPF_ADD | BPF_K,
		BPF_ALU | BPF_SUB | BPF_X,
		BPF_ALU | BPF_AND | BPF_K,
		BPF_ALU | BPF_RSH | BPF_K,
		BPF_ALU | BPF_LSH | BPF_X,
		BPF_ALU | BPF_DIV | BPF_X,
		BPF_ALU | BPF_MOD | BPF_K,
		BPF_ALU | BPF_NEG,
		BPF_ALU | BPF_MUL | BPF_K,
		BPF_ALU | BPF_XOR | BPF_X,
		BPF_ALU | BPF_OR | BPF_K,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
		BPF_ST,
		BPF_STX,
		BPF_JMP | BPF_JEQ | BPF_K,
		BPF_JMP | BPF_JGT | BPF_K,
		BPF_JMP | BPF_JGE | BPF_X,
		BPF_JMP | BPF_JSET | BPF_K,
		BPF_JMP | BPF_JA,
		BPF_RET | BPF_A,
	};
	struct sock_filter f = { .code = codes[rnd_below(r, COUNT(codes))], .k = place(r) };

	if (BPF_CLASS(f.code) == BPF_ALU)
		f.k = 1 + rnd_below(r, 31);
	if (f.code == BPF_ST || f.code == BPF_STX)
		f.k = rnd_below(r, BPF_MEMWORDS);
	if (BPF_CLASS(f.code) == BPF_JMP) {
		f.k = f.code == (BPF_JMP | BPF_JA) ? rnd_below(r, left) : rnd_below(r, 64);
		f.jt = (uint8_t)rnd_below(r, left);
		f.jf = (uint8_t)rnd_below(r, left);
	}
	return f;
}

static uint16_t program(struct rnd *r, struct sock_filter *f)
{
	uint16_t i, n = (uint16_t)(1 + rnd_below(r, rnd_one_in(r, 8) ? XT_BPF_MAX_NUM_INSTR : 10));

	for (i = 0; i + 1 < n; i++)
		f[i] = instruction(r, n - i - 1u);
	f[n - 1] =
		(struct sock_filter){ .code = rnd_one_in(r, 2) ? BPF_RET | BPF_A : BPF_RET | BPF_K,
				      .k = rnd_below(r, 2) };
	return n;
}

static void add_bpf(struct rnd *r, struct rule *u, union rnd_deep *p)
{
	if (rnd_one_in(r, 3)) {
		p->bpf0.bpf_program_num_elem = program(r, p->bpf0.bpf_program);
		rule_match(u, "bpf", 0, &p->bpf0, sizeof(p->bpf0));
	} else {
		p->bpf1.bpf_program_num_elem = program(r, p->bpf1.bpf_program);
		rule_match(u, "bpf", 1, &p->bpf1, sizeof(p->bpf1));
	}
}

void rnd_deep_match(struct rnd *r, struct rule *u, bool sctp, union rnd_deep *p)
{
	memset(p, 0, sizeof(*p));
	if (sctp) {
		add_sctp(r, u, &p->sctp);
		return;
	}
	switch (rnd_below(r, 5)) {
	case 0:
		add_u32(r, u, &p->u32);
		break;
	case 1:
		add_string(r, u, &p->string);
		break;
	case 2:
		add_time(r, u, &p->time);
		break;
	case 3:
		add_statistic(r, u, &p->statistic);
		break;
	default:
		add_bpf(r, u, p);
	}
}
