// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A finished code buffer as a relocatable ELF object, in the form libbpf's
 * linker takes: .strtab, .symtab, code sections with their relocations, .maps,
 * .BTF, .BTF.ext. Every call goes by relocation to a function symbol with imm = -1.
 */
#include "btf.h"
#include "emit.h"

#include <bpf/btf.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef EM_BPF
#define EM_BPF 247
#endif
#ifndef R_BPF_64_64
#define R_BPF_64_64 1
#endif
#ifndef R_BPF_64_32
#define R_BPF_64_32 10
#endif

static const char *const section_name[XTBPF_NSEC] = { "text", "netfilter", "xdp", "tc" };

/* A growing run of bytes. */
struct bytes {
	uint8_t *data;
	size_t n, cap;
	int err;
};

static void bytes_release(struct bytes *b)
{
	free(b->data);
}
#define BYTES __attribute__((cleanup(bytes_release)))

static void append(struct bytes *b, const void *data, size_t n)
{
	if (b->err)
		return;
	if (n > b->cap - b->n) {
		size_t want = (b->cap + n) * 2;
		uint8_t *bigger = realloc(b->data, want);

		if (!bigger) {
			b->err = -ENOMEM;
			return;
		}
		b->data = bigger;
		b->cap = want;
	}
	if (n)
		memcpy(b->data + b->n, data, n);
	b->n += n;
}

static void append_u32(struct bytes *b, uint32_t value)
{
	append(b, &value, sizeof(value));
}

static void align8(struct bytes *b)
{
	append(b, "\0\0\0\0\0\0\0", -b->n & 7);
}

static uint32_t string(struct bytes *b, const char *s)
{
	uint32_t at;

	if (!b->n)
		append(b, "", 1);
	at = (uint32_t)b->n;
	append(b, s, strlen(s) + 1);
	return at;
}

enum {
	SHN_STRTAB_ = 1,
	SHN_SYMTAB_,
	SHN_CODE_, /* code and relocation sections by pairs */
	SHN_MAPS_ = SHN_CODE_ + 2 * XTBPF_NSEC,
	SHN_BTF_,
	SHN_BTF_EXT_,
	SHN_DATA_, /* left away when empty: libbpf would make a map of it */
	SHN_MAX_,
};

/**
 * struct object - an object in the making
 * @place: byte offset of each function in its section
 * @elfsym: ELF symbol of each symbol
 * @func: BTF id of each function
 * @section: contents by ELF section number
 */
struct object {
	struct xtbpf_code *code;
	uint32_t *place;
	uint32_t *elfsym;
	int *func;
	struct bytes section[SHN_MAX_];
	uint32_t nmaps;
};

static void object_release(struct object *o)
{
	free(o->place);
	free(o->elfsym);
	free(o->func);
	for (unsigned int i = 0; i < SHN_MAX_; i++)
		free(o->section[i].data);
}

static bool defined(const struct xtbpf_sym *s)
{
	return s->kind == XTBPF_SYM_FUNC && s->end > s->start;
}

static void place_functions(struct object *o)
{
	for (unsigned int i = 0; i < o->code->nsym; i++) {
		const struct xtbpf_sym *s = &o->code->sym[i];

		if (!defined(s))
			continue;

		struct bytes *code = &o->section[SHN_CODE_ + 2 * s->section];

		o->place[i] = (uint32_t)code->n;
		append(code, o->code->insn + s->start,
		       (s->end - s->start) * sizeof(struct bpf_insn));
	}
}

static void add_symbol(struct object *o, const char *name, uint8_t info, uint8_t other,
		       uint16_t section, uint64_t value, uint64_t size)
{
	Elf64_Sym sym = {
		.st_name = *name ? string(&o->section[SHN_STRTAB_], name) : 0,
		.st_info = info,
		.st_other = other,
		.st_shndx = section,
		.st_value = value,
		.st_size = size,
	};

	append(&o->section[SHN_SYMTAB_], &sym, sizeof(sym));
}

/* All symbols are global, so the null symbol is the only local one. */
static void add_symbols(struct object *o)
{
	uint32_t n = 0;

	add_symbol(o, "", 0, 0, SHN_UNDEF, 0, 0);
	for (unsigned int i = 0; i < o->code->nsym; i++) {
		const struct xtbpf_sym *s = &o->code->sym[i];

		if (s->kind == XTBPF_SYM_FUNC && !defined(s))
			continue;
		o->elfsym[i] = ++n;
		switch (s->kind) {
		case XTBPF_SYM_FUNC:
			add_symbol(o, s->name, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), STV_DEFAULT,
				   (uint16_t)(SHN_CODE_ + 2 * s->section), o->place[i],
				   (s->end - s->start) * sizeof(struct bpf_insn));
			break;
		case XTBPF_SYM_EXTERN:
			add_symbol(o, s->name, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), STV_HIDDEN,
				   SHN_UNDEF, 0, 0);
			break;
		case XTBPF_SYM_COUNTERS:
			add_symbol(o, s->name, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_DEFAULT,
				   SHN_MAPS_, 32ull * o->nmaps++, 32);
			break;
		case XTBPF_SYM_DATA:
			add_symbol(o, s->name, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), STV_DEFAULT,
				   SHN_DATA_, 0, o->code->ndata);
			append(&o->section[SHN_DATA_], o->code->data, o->code->ndata);
			break;
		}
	}
	for (uint32_t i = 0; i < o->nmaps * 4; i++)
		append(&o->section[SHN_MAPS_], "\0\0\0\0\0\0\0", 8);
}

/* Relocations were made in the order of the code, function by function. */
static int add_relocs(struct object *o)
{
	const struct xtbpf_code *c = o->code;
	unsigned int r = 0;

	while (r < c->nreloc) {
		unsigned int f;

		for (f = 0; f < c->nsym; f++)
			if (defined(&c->sym[f]) && c->reloc[r].at >= c->sym[f].start &&
			    c->reloc[r].at < c->sym[f].end)
				break;
		if (f == c->nsym)
			return -EINVAL;

		const struct xtbpf_sym *s = &c->sym[f];

		for (; r < c->nreloc && c->reloc[r].at < s->end; r++) {
			unsigned int to = c->reloc[r].sym;
			bool data = c->sym[to].kind == XTBPF_SYM_COUNTERS ||
				    c->sym[to].kind == XTBPF_SYM_DATA;
			uint32_t type = data ? R_BPF_64_64 : R_BPF_64_32;
			Elf64_Rel rel = {
				.r_offset = o->place[f] +
					    (c->reloc[r].at - s->start) * sizeof(struct bpf_insn),
				.r_info = ELF64_R_INFO((uint64_t)o->elfsym[to], type),
			};

			if (!o->elfsym[to])
				return -EINVAL;
			append(&o->section[SHN_CODE_ + 2 * s->section + 1], &rel, sizeof(rel));
		}
	}
	return 0;
}

/* .BTF.ext's func_info of one section. */
static void func_info(struct object *o, enum xtbpf_section section, uint32_t name,
		      struct bytes *out)
{
	const struct xtbpf_code *c = o->code;
	uint32_t n = 0;

	for (unsigned int i = 0; i < c->nsym; i++)
		n += defined(&c->sym[i]) && c->sym[i].section == section;
	if (!n)
		return;
	append_u32(out, name);
	append_u32(out, n);
	for (unsigned int i = 0; i < c->nsym; i++) {
		if (!defined(&c->sym[i]) || c->sym[i].section != section)
			continue;
		append_u32(out, o->place[i]);
		append_u32(out, (uint32_t)o->func[i]);
	}
}

/* Number of the first line at or behind instruction at. */
static unsigned int first_line(const struct xtbpf_code *c, unsigned int at)
{
	unsigned int lo = 0, hi = c->nline;

	while (lo < hi) {
		unsigned int mid = lo + (hi - lo) / 2;

		if (c->line[mid].at < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* .BTF.ext's line_info of one section: which rule an instruction is for. */
static void line_info(struct object *o, enum xtbpf_section section, uint32_t name, uint32_t file,
		      struct bytes *out)
{
	const struct xtbpf_code *c = o->code;
	struct bytes lines BYTES = { 0 };
	uint32_t n = 0;

	for (unsigned int i = 0; i < c->nsym; i++) {
		const struct xtbpf_sym *s = &c->sym[i];

		if (!defined(s) || s->section != section)
			continue;
		for (unsigned int l = first_line(c, s->start);
		     l < c->nline && c->line[l].at < s->end; l++, n++) {
			append_u32(&lines, o->place[i] + (uint32_t)((c->line[l].at - s->start) *
								    sizeof(struct bpf_insn)));
			append_u32(&lines, file);
			append_u32(&lines, c->line[l].text);
			append_u32(&lines, c->line[l].number << 10);
		}
	}
	if (n) {
		append_u32(out, name);
		append_u32(out, n);
		append(out, lines.data, lines.n);
	}
	if (lines.err)
		out->err = lines.err;
}

/* Header of .BTF.ext (struct btf_ext_header is not in libbpf's public headers). */
struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_len;
	uint32_t func_at, func_len, line_at, line_len, core_at, core_len;
};

static int add_btf(struct object *o)
{
	struct bytes funcs BYTES = { 0 }, lines BYTES = { 0 };
	struct btf *btf = o->code->btf;
	int file = btf__add_str(btf, "ruleset");
	uint32_t size;

	append_u32(&funcs, 8);
	append_u32(&lines, 16);
	for (unsigned int s = 0; s < XTBPF_NSEC; s++) {
		char elf_name[16];

		snprintf(elf_name, sizeof(elf_name), s ? "%s" : ".%s", section_name[s]);

		int name = btf__add_str(btf, elf_name);

		if (name < 0 || file < 0)
			return -ENOMEM;
		func_info(o, s, (uint32_t)name, &funcs);
		line_info(o, s, (uint32_t)name, (uint32_t)file, &lines);
	}

	struct ext_header h = {
		.magic = 0xeb9f,
		.version = 1,
		.header_len = sizeof(h),
		.func_len = (uint32_t)funcs.n,
		.line_at = (uint32_t)funcs.n,
		.line_len = (uint32_t)lines.n,
		.core_at = (uint32_t)(funcs.n + lines.n),
	};
	struct bytes *ext = &o->section[SHN_BTF_EXT_];
	const void *raw = btf__raw_data(btf, &size);

	if (!raw || funcs.err || lines.err)
		return -ENOMEM;
	append(&o->section[SHN_BTF_], raw, size);
	append(ext, &h, sizeof(h));
	append(ext, funcs.data, funcs.n);
	append(ext, lines.data, lines.n);
	return 0;
}

/* What the ELF header of section number n says, contents and place aside. */
static Elf64_Shdr section_header(unsigned int n, char *name, size_t size)
{
	unsigned int code = (n - SHN_CODE_) / 2;

	switch (n) {
	case SHN_STRTAB_:
		snprintf(name, size, ".strtab");
		return (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	case SHN_SYMTAB_:
		snprintf(name, size, ".symtab");
		return (Elf64_Shdr){ .sh_type = SHT_SYMTAB,
				     .sh_link = SHN_STRTAB_,
				     .sh_info = 1,
				     .sh_entsize = sizeof(Elf64_Sym),
				     .sh_addralign = 8 };
	case SHN_MAPS_:
		snprintf(name, size, ".maps");
		return (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
				     .sh_flags = SHF_ALLOC | SHF_WRITE,
				     .sh_addralign = 8 };
	case SHN_BTF_:
	case SHN_BTF_EXT_:
		snprintf(name, size, n == SHN_BTF_ ? ".BTF" : ".BTF.ext");
		return (Elf64_Shdr){ .sh_type = SHT_PROGBITS, .sh_addralign = 4 };
	case SHN_DATA_:
		snprintf(name, size, XTBPF_DATA_SECTION);
		return (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
				     .sh_flags = SHF_ALLOC | SHF_WRITE,
				     .sh_addralign = 8 };
	}
	if ((n - SHN_CODE_) % 2 == 0) {
		snprintf(name, size, code ? "%s" : ".%s", section_name[code]);
		return (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
				     .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
				     .sh_addralign = 8 };
	}
	snprintf(name, size, code ? ".rel%s" : ".rel.%s", section_name[code]);
	return (Elf64_Shdr){ .sh_type = SHT_REL,
			     .sh_flags = SHF_INFO_LINK,
			     .sh_link = SHN_SYMTAB_,
			     .sh_info = n - 1,
			     .sh_entsize = sizeof(Elf64_Rel),
			     .sh_addralign = 8 };
}

/* Lays the sections out behind the ELF header; the section headers come last. */
static int write_elf(struct object *o, void **elf, size_t *size)
{
	struct bytes out BYTES = { 0 };
	Elf64_Shdr header[SHN_MAX_] = { 0 };
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB,
			     EV_CURRENT },
		.e_type = ET_REL,
		.e_machine = EM_BPF,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(eh),
		.e_shentsize = sizeof(header[0]),
		.e_shstrndx = SHN_STRTAB_,
	};
	char name[32];
	unsigned int n = o->section[SHN_DATA_].n ? SHN_MAX_ : SHN_DATA_;

	eh.e_shnum = (uint16_t)n;
	for (unsigned int i = 1; i < n; i++) {
		header[i] = section_header(i, name, sizeof(name));
		header[i].sh_name = string(&o->section[SHN_STRTAB_], name);
	}
	append(&out, &eh, sizeof(eh));
	for (unsigned int i = 1; i < n; i++) {
		const struct bytes *b = &o->section[i];

		if (b->err)
			return b->err;
		align8(&out);
		header[i].sh_offset = out.n;
		header[i].sh_size = b->n;
		append(&out, b->data, b->n);
	}
	align8(&out);
	eh.e_shoff = out.n;
	append(&out, header, n * sizeof(header[0]));
	if (out.err)
		return out.err;
	memcpy(out.data, &eh, sizeof(eh));
	*elf = out.data;
	*size = out.n;
	out.data = NULL;
	return 0;
}

int xtbpf_object_write(struct xtbpf_code *code, void **elf, size_t *size)
{
	struct object o __attribute__((cleanup(object_release))) = {
		.code = code,
		.place = calloc(code->nsym + 1, sizeof(*o.place)),
		.elfsym = calloc(code->nsym + 1, sizeof(*o.elfsym)),
		.func = calloc(code->nsym + 1, sizeof(*o.func)),
	};
	int err;

	xtbpf_code_end(code);
	if (code->err)
		return code->err;
	if (!o.place || !o.elfsym || !o.func)
		return -ENOMEM;
	place_functions(&o);
	add_symbols(&o);
	err = xtbpf_btf_describe(code, o.func);
	if (!err)
		err = add_relocs(&o);
	if (!err)
		err = add_btf(&o);
	return err ? err : write_elf(&o, elf, size);
}
