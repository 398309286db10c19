// SPDX-License-Identifier: GPL-2.0-only
/* Starting a helper: found, started, waited for. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#include "home.h"
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

static void become_helper(int fd)
{
	char *const argv[] = { "xtbpfd", "--daemon", "--here", NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	xtbpf_home_go();
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

	xtbpf_home_find(); /* now, while there are ancestors */
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
