// SPDX-License-Identifier: GPL-2.0-only
#include "memfile.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "cleanup.h"

int xtbpf_memfile_new(struct xtbpf_memfile *m, const void *data, size_t size)
{
	const char *p = data;

	m->fd = memfd_create("xtbpf-object", MFD_CLOEXEC);
	if (m->fd < 0)
		return -errno;
	snprintf(m->path, sizeof(m->path), "/proc/self/fd/%d", m->fd);
	while (size) {
		ssize_t n = write(m->fd, p, size);

		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

void xtbpf_memfile_release(struct xtbpf_memfile *m)
{
	xtbpf_cleanup_fd(&m->fd);
}
