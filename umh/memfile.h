/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file memfile.h
 * Bytes under a file name, for libraries that take nothing else.
 */
#ifndef XTBPF_MEMFILE_H
#define XTBPF_MEMFILE_H

#include <stddef.h>

/** struct xtbpf_memfile - a memory file and its name under /proc; { .fd = -1 } is none */
struct xtbpf_memfile {
	int fd;
	char path[32];
};

/** 0 or a negative errno; the file is to be released in any case. */
int xtbpf_memfile_new(struct xtbpf_memfile *m, const void *data, size_t size);
void xtbpf_memfile_release(struct xtbpf_memfile *m);
#define _cleanup_memfile_ __attribute__((cleanup(xtbpf_memfile_release)))

#endif
