// SPDX-License-Identifier: GPL-2.0-only
/* Which namespaces the helper belongs to; see home.h. */
#include "home.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "paths.h"

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Where a helper belongs: the namespaces of process 1, or else of the oldest
 * ancestor that we may look at. Found once and kept, because the supervisor of a
 * command that has ended has no ancestors left.
 */
static struct home {
	bool known;
	int mnt, net; /* fds, -1: stay */
} home = { .mnt = -1, .net = -1 };

static pid_t parent_of(pid_t pid)
{
	_cleanup_file_ FILE *f = NULL;
	char path[64], line[128];
	int ppid;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "PPid: %d", &ppid) == 1)
			return ppid;
	return 0;
}

/* fd of that process's namespace when it is another one than ours; -EEXIST if not, -EACCES if we may not look. */
static int other_ns(pid_t pid, const char *name)
{
	_cleanup_fd_ int fd = -1;
	struct stat mine, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &theirs))
		return -EACCES;
	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	if (stat(path, &mine) || same_file(&mine, &theirs))
		return -EEXIST;
	return xtbpf_steal_fd(&fd);
}

static int oldest_ns(const pid_t *line, int n, const char *name)
{
	int fd = -EACCES;

	while (n-- && fd == -EACCES)
		fd = other_ns(line[n], name);
	return fd < 0 ? -1 : fd;
}

void xtbpf_home_find(void)
{
	pid_t line[64];
	int n = 0;

	if (home.known)
		return;
	home.known = true;
	/* Process 1 comes last also when the way up to it is too long. */
	for (pid_t p = getppid(); p > 1 && n < 63; p = parent_of(p))
		line[n++] = p;
	line[n++] = 1;
	home.mnt = oldest_ns(line, n, "mnt");
	home.net = oldest_ns(line, n, "net");
}

/**
 * struct view - what must look the same from home as from here
 * @root: ours, not a chroot's
 * @run: the run directory
 * @bpf: where pins go; only when a bpffs is mounted there (`ip netns exec` hides it:
 *       then home is where it is)
 */
struct view {
	struct stat root, run, bpf;
	bool has_run, has_bpf;
};

static struct view look(void)
{
	char parent[PATH_MAX];
	struct statfs fs;
	struct view v = { 0 };

	snprintf(parent, sizeof(parent), "%s/..", xtbpf_bpffs());
	v.has_run = !stat("/", &v.root) && !stat(xtbpf_rundir(), &v.run);
	v.has_bpf = !statfs(xtbpf_bpffs(), &fs) && fs.f_type == BPF_FS_MAGIC &&
		    !stat(xtbpf_bpffs(), &v.bpf);
	if (!v.has_bpf)
		v.has_bpf =
			!statfs(parent, &fs) && fs.f_type == BPF_FS_MAGIC && !stat(parent, &v.bpf);
	return v;
}

static bool same_view(const struct view *here, const struct view *there)
{
	if (!here->has_run || !there->has_run || !same_file(&here->root, &there->root) ||
	    !same_file(&here->run, &there->run))
		return false;
	return !here->has_bpf || (there->has_bpf && same_file(&here->bpf, &there->bpf));
}

/* Into other mounts only if what we work with is the same there; setns leaves a chroot. */
static void go_mounts(void)
{
	_cleanup_fd_ int back = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct view here = look(), there;

	if (home.mnt < 0 || back < 0 || root < 0 || setns(home.mnt, CLONE_NEWNS))
		return;
	there = look();
	if (same_view(&here, &there))
		return;
	if (setns(back, CLONE_NEWNS) || fchdir(root) || chroot("."))
		xtbpf_log(XTBPF_WARN, "back to this command's mounts: %m");
	if (cwd >= 0 && fchdir(cwd))
		xtbpf_log(XTBPF_WARN, "back to this command's directory: %m");
}

void xtbpf_home_go(void)
{
	mkdir(xtbpf_rundir(), 0755); /* there or not, what follows finds out */
	go_mounts();
	if (home.net >= 0 && setns(home.net, CLONE_NEWNET))
		xtbpf_log(XTBPF_NOTICE, "the helper starts in this network namespace: %m");
}
