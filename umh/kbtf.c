// SPDX-License-Identifier: GPL-2.0-only
#include "kbtf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../translator/bpf/kfunc.h"
#include "bpfsys.h"
#include "cleanup.h"
#include "log.h"
#include "memfile.h"

#include <xtbpf/translator.h>

#define MAX_RUNTIMES 16
#define MAX_NEST 16
#define MAX_MEMBERS 1024

static const char *const kfunc_name[XTBPF_NKFUNC] = {
	[XTBPF_KFUNC_DYNPTR_FROM_SKB - XTBPF_KFUNC] = "bpf_dynptr_from_skb",
	[XTBPF_KFUNC_DYNPTR_SLICE - XTBPF_KFUNC] = "bpf_dynptr_slice",
};

static struct {
	const char *runtime[MAX_RUNTIMES];
	unsigned int nruntimes;
	struct btf *types;
	struct xtbpf_memfile file;
	int kfunc[XTBPF_NKFUNC]; /* 0: the kernel has none */
	bool kfuncs_known;
} known = { .file = { .fd = -1 } };

static void cleanup_btf(struct btf **b)
{
	btf__free(*b);
}
#define _cleanup_btf_ __attribute__((cleanup(cleanup_btf)))

/* ---- copying what relocations look at --------------------------------- */

/* A member in its outermost named struct; unnamed structs and unions are flattened. */
struct member {
	const char *name;
	int type;
	uint32_t at, bits;
};

struct members {
	struct member v[MAX_MEMBERS];
	unsigned int n;
};

static int copy_type(const struct btf *from, struct btf *to, uint32_t id, unsigned int depth);

static int gather(const struct btf *from, struct btf *to, const struct btf_type *t, uint32_t base,
		  unsigned int depth, struct members *out)
{
	const struct btf_member *m = btf_members(t);

	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const struct btf_type *mt = btf__type_by_id(from, m[i].type);
		const char *name = btf__name_by_offset(from, m[i].name_off);
		uint32_t at = base + btf_member_bit_offset(t, i);
		int type;

		if (!mt || depth > MAX_NEST)
			return -EINVAL;
		if ((!name || !*name) && btf_is_composite(mt)) {
			int err = gather(from, to, mt, at, depth + 1, out);

			if (err)
				return err;
			continue;
		}
		type = copy_type(from, to, m[i].type, depth + 1);
		if (type < 0)
			return type;
		if (out->n == MAX_MEMBERS)
			return -E2BIG;
		out->v[out->n++] = (struct member){ name ? name : "", type, at,
						    btf_member_bitfield_size(t, i) };
	}
	return 0;
}

/* All members of a union are at its start, and so they are in a struct that we make of it. */
static int copy_struct(const struct btf *from, struct btf *to, const struct btf_type *t,
		       unsigned int depth)
{
	const char *name = btf__name_by_offset(from, t->name_off);
	_cleanup_free_ struct members *members = calloc(1, sizeof(*members));
	int id = name && *name ? btf__find_by_name_kind(to, name, btf_kind(t)) : 0;
	int err;

	if (!members)
		return -ENOMEM;
	if (id > 0)
		return id;
	err = gather(from, to, t, 0, depth, members);
	if (err)
		return err;
	id = btf_is_union(t) ? btf__add_union(to, name, t->size)
			     : btf__add_struct(to, name, t->size);
	for (unsigned int i = 0; id > 0 && i < members->n; i++) {
		const struct member *m = &members->v[i];

		err = btf__add_field(to, m->name, m->type, m->at, m->bits);
		if (err)
			return err;
	}
	return id;
}

static int copy_array(const struct btf *from, struct btf *to, const struct btf_type *t,
		      unsigned int depth)
{
	const struct btf_array *a = btf_array(t);
	int index = btf__add_int(to, "index", 4, 0);
	int elem = copy_type(from, to, a->type, depth + 1);

	if (index < 0 || elem < 0)
		return index < 0 ? index : elem;
	return btf__add_array(to, index, elem, a->nelems);
}

/* What a pointer leads to and how a number is called does not matter to relocations. */
static int copy_type(const struct btf *from, struct btf *to, uint32_t id, unsigned int depth)
{
	const struct btf_type *t = btf__type_by_id(from, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(from, t->type);
	if (!t || depth > MAX_NEST)
		return -EINVAL;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return copy_struct(from, to, t, depth);
	case BTF_KIND_ARRAY:
		return copy_array(from, to, t, depth);
	case BTF_KIND_INT:
		return btf__add_int(to, "int", t->size, btf_int_encoding(t));
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return btf__add_int(to, "enum", t->size, 0);
	default:
		return btf__add_ptr(to, 0);
	}
}

/* ---- what a runtime names ---------------------------------------------- */

static struct btf *runtime_types(const char *runtime)
{
	_cleanup_memfile_ struct xtbpf_memfile file = { .fd = -1 };
	size_t size = 0;
	const void *elf = xtbpf_runtime(runtime, &size);

	if (!elf || xtbpf_memfile_new(&file, elf, size))
		return NULL;
	return btf__parse_elf(file.path, NULL);
}

static int add_runtime(const struct btf *kernel, const char *runtime)
{
	_cleanup_btf_ struct btf *own = runtime_types(runtime);

	if (!own)
		return -ENOENT;
	for (uint32_t id = 1; id < btf__type_cnt(own); id++) {
		const struct btf_type *t = btf__type_by_id(own, id);
		const char *name = btf__name_by_offset(own, t->name_off);
		int there, err;

		if (!btf_is_struct(t) || !name || !*name)
			continue;
		there = btf__find_by_name_kind(kernel, name, BTF_KIND_STRUCT);
		err = there > 0 ? copy_type(kernel, known.types, (uint32_t)there, 0) : 0;
		if (err < 0)
			return err;
	}
	return 0;
}

static void find_kfuncs(const struct btf *kernel)
{
	for (unsigned int i = 0; !known.kfuncs_known && i < XTBPF_NKFUNC; i++) {
		int id = btf__find_by_name_kind(kernel, kfunc_name[i], BTF_KIND_FUNC);

		known.kfunc[i] = id > 0 ? id : 0;
	}
	known.kfuncs_known = true;
}

static int learn(const char *runtime)
{
	_cleanup_btf_ struct btf *kernel = btf__load_vmlinux_btf();
	const void *raw;
	uint32_t size;
	int err;

	if (!kernel)
		return -errno;
	find_kfuncs(kernel);
	if (!known.types)
		known.types = btf__new_empty();
	if (!known.types)
		return -ENOMEM;
	err = add_runtime(kernel, runtime);
	if (err)
		return err;
	raw = btf__raw_data(known.types, &size);
	if (!raw)
		return -ENOMEM;
	xtbpf_memfile_release(&known.file);
	return xtbpf_memfile_new(&known.file, raw, size);
}

/* ---- the interface ------------------------------------------------------ */

const char *xtbpf_kbtf_path(const char *runtime)
{
	unsigned int i = 0;
	int err;

	while (i < known.nruntimes && strcmp(known.runtime[i], runtime))
		i++;
	if (i < known.nruntimes)
		return known.file.fd < 0 ? NULL : known.file.path;
	if (i == MAX_RUNTIMES)
		return NULL;
	err = learn(runtime);
	if (err) {
		xtbpf_log(XTBPF_DEBUG, "types for %s: %s", runtime, strerror(-err));
		return NULL;
	}
	known.runtime[known.nruntimes++] = runtime; /* a string constant of the translator's */
	return known.file.path;
}

static bool is_kfunc(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg && insn->imm >= XTBPF_KFUNC &&
	       insn->imm < XTBPF_KFUNC + XTBPF_NKFUNC;
}

int xtbpf_kbtf_resolve(struct bpf_program *prog)
{
	const struct bpf_insn *insns = bpf_program__insns(prog);
	size_t n = bpf_program__insn_cnt(prog), first = 0;
	_cleanup_free_ struct bpf_insn *copy = NULL;

	while (first < n && !is_kfunc(&insns[first]))
		first++;
	if (first == n)
		return 0;
	copy = malloc(n * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, insns, n * sizeof(*copy));
	for (size_t i = first; i < n; i++) {
		if (!is_kfunc(&copy[i]))
			continue;
		int id = known.kfunc[copy[i].imm - XTBPF_KFUNC];

		if (!id)
			return -EOPNOTSUPP;
		copy[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
		copy[i].imm = id;
	}
	return bpf_program__set_insns(prog, copy, n);
}
