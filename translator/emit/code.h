/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file code.h
 * A buffer of BPF instructions with symbols, relocations, rule names for line
 * info, and forward labels. Errors stick (code->err): emission runs to its end
 * and is judged once.
 */
#ifndef XTBPF_CODE_H
#define XTBPF_CODE_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

/* Where a function goes in the object. */
enum xtbpf_section {
	XTBPF_SEC_TEXT,
	XTBPF_SEC_NETFILTER,
	XTBPF_SEC_XDP,
	XTBPF_SEC_TC,
	XTBPF_NSEC,
};

/* What a function takes; all return int. */
enum xtbpf_sig {
	XTBPF_SIG_CHAIN,     /* (struct xtbpf_key *) */
	XTBPF_SIG_EARLY,     /* (struct xtbpf_early_key *) */
	XTBPF_SIG_NF,	     /* (struct bpf_nf_ctx *) */
	XTBPF_SIG_XDP,	     /* (struct xdp_md *) */
	XTBPF_SIG_TC,	     /* (struct __sk_buff *) */
	XTBPF_SIG_NF_PARSE,  /* (struct bpf_nf_ctx *, struct xtbpf_key *, __u32) */
	XTBPF_SIG_TC_PARSE,  /* (struct __sk_buff *, struct xtbpf_key *, __u32) */
	XTBPF_SIG_XDP_EARLY, /* (struct xdp_md *, struct xtbpf_early_key *, __u32) */
	XTBPF_SIG_TC_EARLY,  /* (struct __sk_buff *, struct xtbpf_early_key *, __u32) */
	XTBPF_SIG_NF_CHAIN,  /* (struct bpf_nf_ctx *, struct xtbpf_key *) */
	XTBPF_SIG_TC_CHAIN,  /* (struct __sk_buff *, struct xtbpf_key *) */
	XTBPF_SIG_NF_CALL,   /* (struct bpf_nf_ctx *, struct xtbpf_key *, struct TYPE *) */
	XTBPF_SIG_TC_CALL,   /* (struct __sk_buff *, struct xtbpf_key *, struct TYPE *) */
	XTBPF_NSIG,
};

enum xtbpf_sym_kind { XTBPF_SYM_FUNC, XTBPF_SYM_EXTERN, XTBPF_SYM_COUNTERS, XTBPF_SYM_DATA };

/**
 * struct xtbpf_sym - something code refers to
 * @entries: of a counter map
 * @type: TYPE of a function with one of the CALL signatures
 * @section, @start, @end: of a function, instruction numbers in the buffer; start == end: not
 *                         defined
 */
struct xtbpf_sym {
	char name[64];
	enum xtbpf_sym_kind kind;
	enum xtbpf_sig sig;
	uint32_t entries;
	const char *type;
	enum xtbpf_section section;
	unsigned int start, end;
};

/* Instruction `at` refers to symbol `sym`. */
struct xtbpf_reloc {
	unsigned int at;
	unsigned int sym;
};

/* From instruction `at` on, code is for what the BTF string `text` says. */
struct xtbpf_line {
	unsigned int at;
	unsigned int text;
	unsigned int number;
};

/* A jump not yet patched; linked by index + 1. */
struct xtbpf_jump {
	unsigned int at;
	unsigned int next;
};

struct xtbpf_code {
	struct bpf_insn *insn;
	unsigned int n, cap;
	struct xtbpf_sym *sym;
	unsigned int nsym, capsym;
	struct xtbpf_reloc *reloc;
	unsigned int nreloc, capreloc;
	struct xtbpf_line *line;
	unsigned int nline, capline;
	struct xtbpf_jump *jump;
	unsigned int njump, capjump;
	unsigned int free_jump; /* list of reusable jumps */
	uint8_t *data;		/* global data; its symbol is data_sym when there is any */
	unsigned int ndata, capdata, data_sym;
	int func;  /* symbol being defined, -1 outside */
	bool dead; /* nothing leads here: what is emitted is dropped, the verifier would refuse it */
	struct btf *btf;
	int err;
};

int xtbpf_code_init(struct xtbpf_code *c);
void xtbpf_code_release(struct xtbpf_code *c);

/** New symbol; its number, or 0 with code->err set. */
unsigned int xtbpf_code_sym(struct xtbpf_code *c, enum xtbpf_sym_kind kind, enum xtbpf_sig sig,
			    const char *name);
/** The function of that name in the runtime; the same symbol each time. */
unsigned int xtbpf_code_extern(struct xtbpf_code *c, enum xtbpf_sig sig, const char *name);
/** The function sym starts here and the one before ends. */
void xtbpf_code_begin(struct xtbpf_code *c, unsigned int sym, enum xtbpf_section section);
void xtbpf_code_end(struct xtbpf_code *c);
/** What follows is for `text`, shown as line `number`. */
void xtbpf_code_line(struct xtbpf_code *c, const char *text, unsigned int number);

void xtbpf_op(struct xtbpf_code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm);

/* Names for the instructions we use; W: 32-bit, upper half zeroed. */
void xtbpf_op_mov(struct xtbpf_code *c, uint8_t dst, uint8_t src);
void xtbpf_op_movw_imm(struct xtbpf_code *c, uint8_t dst, uint32_t imm);
void xtbpf_op_add_imm(struct xtbpf_code *c, uint8_t dst, int32_t imm);
void xtbpf_op_alu_imm(struct xtbpf_code *c, uint8_t op, uint8_t dst, uint32_t imm);
void xtbpf_op_alu(struct xtbpf_code *c, uint8_t op, uint8_t dst, uint8_t src);
/** width 1, 2, 4 or 8 */
void xtbpf_op_load(struct xtbpf_code *c, unsigned int width, uint8_t dst, uint8_t src, int16_t off);
void xtbpf_op_store(struct xtbpf_code *c, unsigned int width, uint8_t dst, int16_t off,
		    uint8_t src);
void xtbpf_op_store_imm(struct xtbpf_code *c, unsigned int width, uint8_t dst, int16_t off,
			int32_t imm);
void xtbpf_op_atomic_add(struct xtbpf_code *c, uint8_t dst, int16_t off, uint8_t src);
void xtbpf_op_map(struct xtbpf_code *c, uint8_t dst, unsigned int sym);
/** dst = address of global data from `at` on, size bytes of which start as those at init. */
void xtbpf_op_data(struct xtbpf_code *c, uint8_t dst, uint32_t at, const void *init, uint32_t size);
void xtbpf_op_imm64(struct xtbpf_code *c, uint8_t dst, uint64_t imm);
/** The low `width` bytes of dst, from network order; width 2, 4 or 8 */
void xtbpf_op_from_be(struct xtbpf_code *c, unsigned int width, uint8_t dst);
void xtbpf_op_call(struct xtbpf_code *c, unsigned int sym);
void xtbpf_op_helper(struct xtbpf_code *c, int id);
void xtbpf_op_return(struct xtbpf_code *c, uint32_t value);
void xtbpf_op_exit(struct xtbpf_code *c);

/**
 * struct xtbpf_label - a place further on that jumps go to
 * The label closes, and all its jumps lead, where its variable's scope ends:
 *	struct xtbpf_label next XTBPF_LABEL = {c, 0};
 * or, earlier, where xtbpf_label_here() stands.
 */
struct xtbpf_label {
	struct xtbpf_code *code;
	unsigned int head; /* jump index + 1 */
};
#define XTBPF_LABEL __attribute__((cleanup(xtbpf_label_here)))

void xtbpf_label_here(struct xtbpf_label *l);
void xtbpf_op_jump(struct xtbpf_label *to);
/** 32-bit compare of dst with imm; op is BPF_JEQ and the like. */
void xtbpf_op_jump_if(struct xtbpf_label *to, uint8_t op, uint8_t dst, uint32_t imm);
/** 64-bit compare of dst with src */
void xtbpf_op_jump_reg(struct xtbpf_label *to, uint8_t op, uint8_t dst, uint8_t src);
/** Compare a pointer with NULL; op is BPF_JEQ or BPF_JNE. */
void xtbpf_op_jump_null(struct xtbpf_label *to, uint8_t op, uint8_t dst);

#endif
