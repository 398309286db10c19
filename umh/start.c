// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting a helper. It outlives the command that needed it and serves everybody,
 * so it must not live in that command's namespaces: under `ip netns exec` /sys is
 * another mount, without the pinned programs, and the network namespace would be
 * kept alive by it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "client.h"
#include "log.h"
#include "paths.h"

/* xtbpfd beside our own binary, else in PATH: an fd to execute. */
static int find_helper(void)
{
	char self[PATH_MAX], path[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *dirs = getenv("PATH"), *end;
	int fd = -1;

	if (n > 0) {
		self[n] = 0;
		*strrchr(self, '/') = 0;
		snprintf(path, sizeof(path), "%s/xtbpfd", self);
		fd = open(path, O_PATH | O_CLOEXEC);
	}
	for (; fd < 0 && dirs && *dirs; dirs = *end ? end + 1 : end) {
		end = strchrnul(dirs, ':');
		snprintf(path, sizeof(path), "%.*s/xtbpfd", (int)(end - dirs), dirs);
		if (*path == '/')
			fd = open(path, O_PATH | O_CLOEXEC);
	}
	return fd;
}

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

/* fd of that process's namespace when it is another one than ours; -1 if not, -errno if we may not look. */
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
		return -1;
	return xtbpf_steal_fd(&fd);
}

static int oldest_ns(const pid_t *line, int n, const char *name)
{
	int fd = -EACCES;

	while (n-- && fd == -EACCES)
		fd = other_ns(line[n], name);
	return fd < 0 ? -1 : fd;
}

static void find_home(void)
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

/* Into other mounts only if the run directory is the same one there. */
static void go_home(void)
{
	_cleanup_fd_ int back = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	struct stat here, there;

	if (home.mnt >= 0 && back >= 0 && !stat(xtbpf_rundir(), &here) &&
	    !setns(home.mnt, CLONE_NEWNS) &&
	    (stat(xtbpf_rundir(), &there) || !same_file(&here, &there)) && setns(back, CLONE_NEWNS))
		xtbpf_log(XTBPF_WARN, "back to this command's mounts: %m");
	if (home.net >= 0 && setns(home.net, CLONE_NEWNET))
		xtbpf_log(XTBPF_NOTICE, "the helper starts in this network namespace: %m");
}

static void become_helper(int fd)
{
	char *const argv[] = { "xtbpfd", "--daemon", NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	go_home();
	if (chdir("/"))
		_exit(126);
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	xtbpf_log(XTBPF_ERR, "cannot execute xtbpfd: %m");
	_exit(126);
}

/* Start it and wait until it is ready: its --daemon returns then. */
static int start(void)
{
	_cleanup_fd_ int fd = find_helper();
	int status;
	pid_t pid;

	if (fd < 0) {
		xtbpf_log(XTBPF_ERR, "xtbpfd is neither beside xtbpf nor in PATH");
		return -ENOENT;
	}
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		become_helper(fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	xtbpf_log(XTBPF_ERR, "the helper did not start; %s/xtbpfd.log may say why", xtbpf_rundir());
	return -ESRCH;
}

int xtbpf_helper(void)
{
	_cleanup_fd_ int turn = -1;
	char path[PATH_MAX];
	int fd = xtbpf_connect(), err;

	find_home();
	if (fd != -ENOENT && fd != -ECONNREFUSED) {
		if (fd < 0)
			xtbpf_log(XTBPF_ERR, "%s: %s", xtbpf_socket_path(), strerror(-fd));
		return fd;
	}
	/* Two commands at once: one starts it, the other finds it running. */
	if (mkdir(xtbpf_rundir(), 0755) && errno != EEXIST) {
		xtbpf_log(XTBPF_ERR, "%s: %m", xtbpf_rundir());
		return -errno;
	}
	snprintf(path, sizeof(path), "%s/start.lock", xtbpf_rundir());
	turn = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (turn < 0 || flock(turn, LOCK_EX)) {
		xtbpf_log(XTBPF_ERR, "%s: %m", path);
		return -errno;
	}
	fd = xtbpf_connect();
	if (fd != -ENOENT && fd != -ECONNREFUSED)
		return fd;
	err = start();
	return err ? err : xtbpf_connect();
}
