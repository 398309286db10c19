// SPDX-License-Identifier: GPL-2.0-only
/* Where things live; see paths.h. Resolved once, so that all parts agree. */
#include "paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Absolute, for us and for a helper that we start: both leave the directory they were started in. */
static const char *from_env(const char *name, const char *fallback)
{
	const char *v = getenv(name);
	char cwd[PATH_MAX], path[2 * PATH_MAX];

	if (!v || !*v)
		return fallback;
	if (*v == '/' || !getcwd(cwd, sizeof(cwd)))
		return v;
	snprintf(path, sizeof(path), "%s/%s", cwd, v);
	return setenv(name, path, 1) ? v : getenv(name);
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
