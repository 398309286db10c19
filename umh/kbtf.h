/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file kbtf.h
 * The running kernel's types, as few of them as runtimes ask for. libbpf would
 * read and index all of them at each load, which costs more than loading a small
 * table; here it is done once a process and runtime.
 */
#ifndef XTBPF_KBTF_H
#define XTBPF_KBTF_H

#include <bpf/libbpf.h>

/**
 * A file with the types of this runtime and those asked for before, for
 * bpf_object_open_opts.btf_custom_path; good until the next call. NULL: there is none, let
 * libbpf look for itself.
 */
const char *xtbpf_kbtf_path(const char *runtime);

/**
 * Put the kernel's numbers into calls of its functions (translator/bpf/kfunc.h) in a
 * program that libbpf is about to load. 0, or -EOPNOTSUPP: it has no such function.
 */
int xtbpf_kbtf_resolve(struct bpf_program *prog);

#endif
