/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file cleanup.h
 * Memory that goes when its variable does.
 */
#ifndef XTBPF_TRANSLATOR_CLEANUP_H
#define XTBPF_TRANSLATOR_CLEANUP_H

#include <stdlib.h>

/* p is the address of a pointer variable of any object type */
static inline void xtbpf_free_pointer(void *p)
{
	free(*(void **)p);
}

#define XTBPF_AUTO_FREE __attribute__((cleanup(xtbpf_free_pointer)))

#endif
