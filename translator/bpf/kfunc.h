/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/**
 * @file kfunc.h
 * Functions of the kernel that runtimes call, under numbers of ours: as helpers
 * that no kernel has. The loader puts the running kernel's number in their place
 * (umh/kbtf.c): an extern with __ksym does the same, but libbpf then reads all of the
 * kernel's types at each load, 5 MB of them.
 */
#ifndef XTBPF_KFUNC_H
#define XTBPF_KFUNC_H

#define XTBPF_KFUNC 0x7f580000
#define XTBPF_KFUNC_DYNPTR_FROM_SKB (XTBPF_KFUNC + 0)
#define XTBPF_KFUNC_DYNPTR_SLICE (XTBPF_KFUNC + 1)
#define XTBPF_NKFUNC 2

#endif
