/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int home_ns = -1;

static void remember_home(void)
{
	if (home_ns < 0)
		home_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home_ns < 0) {
		perror("netns");
		abort();
	}
}

int netns_new(void)
{
	int fd;

	remember_home();
	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	netns_home();
	return fd;
}

void netns_in(int netns)
{
	remember_home();
	if (setns(netns, CLONE_NEWNET)) {
		perror("setns");
		abort();
	}
}

void netns_home(void)
{
	remember_home();
	netns_in(home_ns);
}

static char *fd_text(int fd)
{
	struct stat st;
	char *buf;
	ssize_t n;

	if (fstat(fd, &st))
		return NULL;
	buf = calloc(1, (size_t)st.st_size + 1);
	if (!buf)
		return NULL;
	n = pread(fd, buf, (size_t)st.st_size, 0);
	buf[n > 0 ? n : 0] = 0;
	return buf;
}

static void child(int netns, char *const argv[], int in, int out, int err)
{
	if (netns >= 0 && setns(netns, CLONE_NEWNET))
		_exit(127);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

void run_in(int netns, char *const argv[], const char *input, struct run *r)
{
	int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC),
	    err = memfd_create("err", MFD_CLOEXEC), st = 0;
	size_t len = input ? strlen(input) : 0;
	pid_t pid;

	*r = (struct run){ .status = -EIO };
	if (in < 0 || out < 0 || err < 0 || pwrite(in, input ? input : "", len, 0) != (ssize_t)len)
		goto done;
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		goto done;
	if (!pid) {
		/* a hung client must not hang the test: the alarm outlives exec */
		alarm(120);
		child(netns, argv, in, out, err);
	}
	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		;
	r->status = WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
done:
	r->out = fd_text(out);
	r->err = fd_text(err);
	if (!r->out)
		r->out = strdup("");
	if (!r->err)
		r->err = strdup("");
	close(in);
	close(out);
	close(err);
}

void run_release(struct run *r)
{
	free(r->out);
	free(r->err);
	*r = (struct run){ 0 };
}

pid_t run_start(int netns, char *const argv[], const char *log)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		child(netns, argv, in, out, out);
	}
	return pid;
}

int file_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

char *file_get(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t n = 0;
	FILE *m;
	int c;

	if (!f)
		return NULL;
	m = open_memstream(&text, &n);
	if (m) {
		while ((c = getc(f)) != EOF)
			putc(c, m);
		fclose(m);
	}
	fclose(f);
	return text;
}
