/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file ns_scan.h
 * Who else holds our namespaces, asked for many of them in one pass over /proc.
 */
#ifndef XTBPF_NS_SCAN_H
#define XTBPF_NS_SCAN_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct xtbpf_ns_user - one question
 * @ino: the namespace
 * @fd: answer: an nsfs fd of it (owned by the caller), or -1 when nobody but us holds it
 */
struct xtbpf_ns_user {
	uint64_t ino;
	int fd;
};

/**
 * Fill fd of every entry. 0, or a negative errno when a -1 is there of which
 * nothing may be concluded, because not all of /proc could be looked at.
 */
int xtbpf_ns_scan(struct xtbpf_ns_user *users, size_t n);

#endif
