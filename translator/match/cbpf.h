/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file cbpf.h
 * Classic BPF as net/core/filter.c takes it from -m bpf.
 */
#ifndef XTBPF_MATCH_CBPF_H
#define XTBPF_MATCH_CBPF_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** bpf_check_classic: 0 or -EINVAL. */
int xtbpf_cbpf_check(const struct sock_filter *prog, size_t n);

/**
 * Of a program that was checked: an instruction whose result we cannot know
 * (the packet's link layer, the kernel's idea of it), as words for the user; NULL: none.
 */
const char *xtbpf_cbpf_foreign(const struct sock_filter *prog, size_t n);

/** Run a checked program over len bytes from the IP header on. */
uint32_t xtbpf_cbpf_run(const struct sock_filter *prog, size_t n, const uint8_t *pkt, uint32_t len);

#endif
