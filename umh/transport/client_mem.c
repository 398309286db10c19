// SPDX-License-Identifier: GPL-2.0-only
/* The trapped process: its memory and a handle to it. */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "../cleanup.h"
#include "transport.h"

size_t xtbpf_client_read(pid_t pid, uint64_t from, void *to, size_t size)
{
	size_t at = 0;

	while (at < size) {
		struct iovec local = { (char *)to + at, size - at };
		struct iovec remote = { (void *)(uintptr_t)(from + at), size - at };
		ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	return at;
}

bool xtbpf_client_write(pid_t pid, uint64_t to, const void *from, size_t size)
{
	size_t at = 0;

	while (at < size) {
		struct iovec local = { (char *)(uintptr_t)from + at, size - at };
		struct iovec remote = { (void *)(uintptr_t)(to + at), size - at };
		ssize_t n = process_vm_writev(pid, &local, 1, &remote, 1, 0);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

int xtbpf_client_pidfd(pid_t tid)
{
	_cleanup_file_ FILE *f = NULL;
	int fd = (int)syscall(SYS_pidfd_open, tid, 0);
	char path[64], line[128];
	int tgid = 0;

	if (fd >= 0)
		return fd;
	/* A thread that does not lead its process has none of its own. */
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	f = fopen(path, "re");
	while (f && !tgid && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &tgid) != 1)
			tgid = 0;
	if (tgid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, tgid, 0);
	return fd < 0 ? -errno : fd;
}
