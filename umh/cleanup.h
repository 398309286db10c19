/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file cleanup.h
 * Cleanup attributes for the helper: what a scope owns goes when it ends.
 * xtbpf_steal_* hand a value out of its scope.
 */
#ifndef XTBPF_UMH_CLEANUP_H
#define XTBPF_UMH_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void xtbpf_cleanup_free(void *p)
{
	void *owned;

	memcpy(&owned, p, sizeof(owned)); /* any pointer type: no aliasing */
	free(owned);
}

/* Keeps errno, so that "return -errno" behind a failed call is right. */
static inline void xtbpf_cleanup_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void xtbpf_cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void xtbpf_cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static inline void xtbpf_cleanup_json(json_object **o)
{
	json_object_put(*o);
}

#define _cleanup_free_ __attribute__((cleanup(xtbpf_cleanup_free)))
#define _cleanup_fd_ __attribute__((cleanup(xtbpf_cleanup_fd)))
#define _cleanup_file_ __attribute__((cleanup(xtbpf_cleanup_file)))
#define _cleanup_dir_ __attribute__((cleanup(xtbpf_cleanup_dir)))
#define _cleanup_json_ __attribute__((cleanup(xtbpf_cleanup_json)))

static inline int xtbpf_steal_fd(int *fd)
{
	int out = *fd;

	*fd = -1;
	return out;
}

/* Takes the address of a pointer of any type. */
static inline void *xtbpf_steal_ptr(void *p)
{
	void *out, *none = NULL;

	memcpy(&out, p, sizeof(out));
	memcpy(p, &none, sizeof(none));
	return out;
}

#endif
