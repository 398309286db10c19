// SPDX-License-Identifier: GPL-2.0-only
/* Where things live; see paths.h. Resolved once, so that all parts agree. */
#include "paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const char *from_env(const char *name, const char *fallback)
{
	const char *v = getenv(name);

	return v && *v ? v : fallback;
}

const char *xtbpf_rundir(void)
{
	static const char *dir;

	if (!dir)
		dir = from_env("XTBPF_RUNDIR", "/run/xtbpf");
	return dir;
}

const char *xtbpf_bpffs(void)
{
	static const char *dir;

	if (!dir)
		dir = from_env("XTBPF_BPFFS", "/sys/fs/bpf/xtbpf");
	return dir;
}

const char *xtbpf_socket_path(void)
{
	static char path[PATH_MAX];

	if (!*path)
		snprintf(path, sizeof(path), "%s/xtbpfd.sock", xtbpf_rundir());
	return path;
}
