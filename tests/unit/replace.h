/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file replace.h
 * Blobs of blobs.h to and from the kernel's own ip_tables (root).
 */
#ifndef TESTS_REPLACE_H
#define TESTS_REPLACE_H

#include "blobs.h"

/** A socket that ip_tables or ip6_tables answers on, or -errno. */
int kernel_socket(enum xtbpf_family family);
/** SET_REPLACE of the blob's table; 0 or -errno. */
int kernel_replace(int fd, const struct xtbpf_blob *blob);
/** GET_ENTRIES: blob->size bytes of the table in the kernel, to be freed; NULL: it failed. */
uint8_t *kernel_entries(int fd, const struct xtbpf_blob *blob);

#endif
