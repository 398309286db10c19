// SPDX-License-Identifier: LGPL-2.1-or-later
/* The instruction buffer: see code.h. */
#include "code.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more element behind *n; the array doubles. */
static bool grow(struct xtbpf_code *c, void **array, unsigned int n, unsigned int *cap, size_t size)
{
	if (c->err)
		return false;
	if (n < *cap)
		return true;

	unsigned int want = *cap ? *cap * 2 : 256;
	void *bigger = want > *cap ? reallocarray(*array, want, size) : NULL;

	if (!bigger) {
		c->err = -ENOMEM;
		return false;
	}
	*array = bigger;
	*cap = want;
	return true;
}

int xtbpf_code_init(struct xtbpf_code *c)
{
	*c = (struct xtbpf_code){ .func = -1 };
	c->btf = btf__new_empty();
	/* Symbol 0 is never used: it means none. */
	xtbpf_code_sym(c, XTBPF_SYM_FUNC, 0, "");
	return c->btf ? c->err : -ENOMEM;
}

void xtbpf_code_release(struct xtbpf_code *c)
{
	free(c->insn);
	free(c->sym);
	free(c->reloc);
	free(c->line);
	free(c->jump);
	free(c->data);
	btf__free(c->btf);
	*c = (struct xtbpf_code){ .func = -1 };
}

unsigned int xtbpf_code_sym(struct xtbpf_code *c, enum xtbpf_sym_kind kind, enum xtbpf_sig sig,
			    const char *name)
{
	if (!grow(c, (void **)&c->sym, c->nsym, &c->capsym, sizeof(*c->sym)))
		return 0;

	struct xtbpf_sym *s = &c->sym[c->nsym];

	*s = (struct xtbpf_sym){ .kind = kind, .sig = sig };
	snprintf(s->name, sizeof(s->name), "%s", name);
	return c->nsym++;
}

unsigned int xtbpf_code_extern(struct xtbpf_code *c, enum xtbpf_sig sig, const char *name)
{
	for (unsigned int i = 0; i < c->nsym; i++)
		if (c->sym[i].kind == XTBPF_SYM_EXTERN && !strcmp(c->sym[i].name, name))
			return i;
	return xtbpf_code_sym(c, XTBPF_SYM_EXTERN, sig, name);
}

void xtbpf_code_begin(struct xtbpf_code *c, unsigned int sym, enum xtbpf_section section)
{
	xtbpf_code_end(c);
	if (c->err)
		return;
	c->func = (int)sym;
	c->dead = false;
	c->sym[sym].section = section;
	c->sym[sym].start = c->sym[sym].end = c->n;
}

void xtbpf_code_end(struct xtbpf_code *c)
{
	if (c->func >= 0 && !c->err)
		c->sym[c->func].end = c->n;
	c->func = -1;
}

void xtbpf_code_line(struct xtbpf_code *c, const char *text, unsigned int number)
{
	if (c->err || c->dead)
		return;

	int off = btf__add_str(c->btf, text);

	if (off < 0) {
		c->err = off;
		return;
	}
	if (c->nline && c->line[c->nline - 1].at == c->n)
		c->nline--; /* two at one place: the latter is more exact */
	if (!grow(c, (void **)&c->line, c->nline, &c->capline, sizeof(*c->line)))
		return;
	c->line[c->nline++] =
		(struct xtbpf_line){ .at = c->n, .text = (unsigned int)off, .number = number };
}

void xtbpf_op(struct xtbpf_code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	if (c->dead || !grow(c, (void **)&c->insn, c->n, &c->cap, sizeof(*c->insn)))
		return;
	c->insn[c->n++] = (struct bpf_insn){
		.code = op, .dst_reg = dst & 15, .src_reg = src & 15, .off = off, .imm = imm
	};
}

void xtbpf_op_mov(struct xtbpf_code *c, uint8_t dst, uint8_t src)
{
	xtbpf_op(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void xtbpf_op_movw_imm(struct xtbpf_code *c, uint8_t dst, uint32_t imm)
{
	xtbpf_op(c, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)imm);
}

void xtbpf_op_add_imm(struct xtbpf_code *c, uint8_t dst, int32_t imm)
{
	xtbpf_op(c, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm);
}

void xtbpf_op_alu_imm(struct xtbpf_code *c, uint8_t op, uint8_t dst, uint32_t imm)
{
	xtbpf_op(c, BPF_ALU | op | BPF_K, dst, 0, 0, (int32_t)imm);
}

void xtbpf_op_alu(struct xtbpf_code *c, uint8_t op, uint8_t dst, uint8_t src)
{
	xtbpf_op(c, BPF_ALU | op | BPF_X, dst, src, 0, 0);
}

static uint8_t width_op(unsigned int width)
{
	return width == 1 ? BPF_B : width == 2 ? BPF_H : width == 4 ? BPF_W : BPF_DW;
}

void xtbpf_op_load(struct xtbpf_code *c, unsigned int width, uint8_t dst, uint8_t src, int16_t off)
{
	xtbpf_op(c, BPF_LDX | BPF_MEM | width_op(width), dst, src, off, 0);
}

void xtbpf_op_store(struct xtbpf_code *c, unsigned int width, uint8_t dst, int16_t off, uint8_t src)
{
	xtbpf_op(c, BPF_STX | BPF_MEM | width_op(width), dst, src, off, 0);
}

void xtbpf_op_store_imm(struct xtbpf_code *c, unsigned int width, uint8_t dst, int16_t off,
			int32_t imm)
{
	xtbpf_op(c, BPF_ST | BPF_MEM | width_op(width), dst, 0, off, imm);
}

void xtbpf_op_atomic_add(struct xtbpf_code *c, uint8_t dst, int16_t off, uint8_t src)
{
	xtbpf_op(c, BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, off, BPF_ADD);
}

static void relocate(struct xtbpf_code *c, unsigned int sym)
{
	if (c->dead || !grow(c, (void **)&c->reloc, c->nreloc, &c->capreloc, sizeof(*c->reloc)))
		return;
	c->reloc[c->nreloc++] = (struct xtbpf_reloc){ .at = c->n, .sym = sym };
}

void xtbpf_op_map(struct xtbpf_code *c, uint8_t dst, unsigned int sym)
{
	relocate(c, sym);
	xtbpf_op(c, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, 0);
	xtbpf_op(c, 0, 0, 0, 0, 0);
}

static void set_data(struct xtbpf_code *c, uint32_t at, const void *init, uint32_t size)
{
	uint64_t end = (uint64_t)at + ((size + 7ull) & ~7ull);

	if (!c->data_sym)
		c->data_sym = xtbpf_code_sym(c, XTBPF_SYM_DATA, 0, "xtbpf_data");
	if (end > INT32_MAX && !c->err)
		c->err = -E2BIG;
	while (!c->err && c->capdata < end) {
		unsigned int had = c->capdata;

		if (grow(c, (void **)&c->data, had, &c->capdata, 1))
			memset(c->data + had, 0, c->capdata - had);
	}
	if (c->err)
		return;
	memcpy(c->data + at, init, size);
	if (end > c->ndata)
		c->ndata = (unsigned int)end;
}

void xtbpf_op_data(struct xtbpf_code *c, uint8_t dst, uint32_t at, const void *init, uint32_t size)
{
	if (c->dead)
		return;
	set_data(c, at, init, size);
	relocate(c, c->data_sym);
	xtbpf_op(c, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, (int32_t)at);
	xtbpf_op(c, 0, 0, 0, 0, 0);
}

void xtbpf_op_imm64(struct xtbpf_code *c, uint8_t dst, uint64_t imm)
{
	xtbpf_op(c, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, (int32_t)imm);
	xtbpf_op(c, 0, 0, 0, 0, (int32_t)(imm >> 32));
}

void xtbpf_op_from_be(struct xtbpf_code *c, unsigned int width, uint8_t dst)
{
	xtbpf_op(c, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, (int32_t)width * 8);
}

void xtbpf_op_call(struct xtbpf_code *c, unsigned int sym)
{
	relocate(c, sym);
	xtbpf_op(c, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, -1);
}

void xtbpf_op_helper(struct xtbpf_code *c, int id)
{
	xtbpf_op(c, BPF_JMP | BPF_CALL, 0, 0, 0, id);
}

void xtbpf_op_exit(struct xtbpf_code *c)
{
	xtbpf_op(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	c->dead = true;
}

void xtbpf_op_return(struct xtbpf_code *c, uint32_t value)
{
	xtbpf_op_movw_imm(c, BPF_REG_0, value);
	xtbpf_op_exit(c);
}

static void pending(struct xtbpf_label *to)
{
	struct xtbpf_code *c = to->code;
	unsigned int j = c->free_jump;

	if (c->dead)
		return;
	if (j) {
		c->free_jump = c->jump[j - 1].next;
	} else {
		if (!grow(c, (void **)&c->jump, c->njump, &c->capjump, sizeof(*c->jump)))
			return;
		j = ++c->njump;
	}
	c->jump[j - 1] = (struct xtbpf_jump){ .at = c->n, .next = to->head };
	to->head = j;
}

void xtbpf_op_jump(struct xtbpf_label *to)
{
	pending(to);
	xtbpf_op(to->code, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	to->code->dead = true;
}

void xtbpf_op_jump_if(struct xtbpf_label *to, uint8_t op, uint8_t dst, uint32_t imm)
{
	pending(to);
	xtbpf_op(to->code, BPF_JMP32 | op | BPF_K, dst, 0, 0, (int32_t)imm);
}

void xtbpf_op_jump_reg(struct xtbpf_label *to, uint8_t op, uint8_t dst, uint8_t src)
{
	pending(to);
	xtbpf_op(to->code, BPF_JMP | op | BPF_X, dst, src, 0, 0);
}

void xtbpf_op_jump_null(struct xtbpf_label *to, uint8_t op, uint8_t dst)
{
	pending(to);
	xtbpf_op(to->code, BPF_JMP | op | BPF_K, dst, 0, 0, 0);
}

void xtbpf_label_here(struct xtbpf_label *l)
{
	struct xtbpf_code *c = l->code;

	if (l->head)
		c->dead = false;
	while (l->head) {
		unsigned int j = l->head;
		struct xtbpf_jump *jump = &c->jump[j - 1];
		unsigned int at = jump->at;

		l->head = jump->next;
		jump->next = c->free_jump;
		c->free_jump = j;
		if (c->err)
			continue;
		if (c->n - at - 1 > INT16_MAX)
			c->err = -E2BIG;
		else
			c->insn[at].off = (int16_t)(c->n - at - 1);
	}
}
