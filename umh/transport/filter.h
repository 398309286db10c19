/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file filter.h
 * The seccomp program of `xtbpf run`: which system calls the supervisor hears of.
 * It looks at numbers and integer arguments only; whatever is behind a pointer
 * (paths, socketcall's arguments) is the supervisor's to read.
 */
#ifndef XTBPF_TRANSPORT_FILTER_H
#define XTBPF_TRANSPORT_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#define XTBPF_FILTER_MAX 256

/** Fill prog (room for XTBPF_FILTER_MAX) and return its length. */
size_t xtbpf_filter_build(struct sock_filter *prog);

/** Is (level, optname) one of ip_tables' or ip6_tables' own socket options? */
bool xtbpf_filter_ours(int level, int optname);

/** Install it on this thread. Returns the listener's fd or a negative errno (-EBUSY: there is one already). */
int xtbpf_filter_install(void);

/*
 * An inner `xtbpf run` finds out whether the listener that is already there is
 * ours by a call that the kernel would answer with EBADF and we with this.
 */
#define XTBPF_PROBE_FD (-1)
#define XTBPF_PROBE_PTR 0x78746270667275u /* never a user address that anybody maps */
#define XTBPF_PROBE_ANSWER EALREADY
bool xtbpf_filter_nested(void);

/* System call numbers of the other ABIs (arch/x86/entry/syscalls/syscall_{32,64}.tbl). */
#define XTBPF_X32_BIT 0x40000000u
#define XTBPF_X32_SETSOCKOPT 541u
#define XTBPF_X32_GETSOCKOPT 542u
#define XTBPF_I386_SOCKETCALL 102u
#define XTBPF_I386_GETSOCKOPT 365u
#define XTBPF_I386_SETSOCKOPT 366u

#endif
