/* SPDX-License-Identifier: GPL-2.0-only */
/* The namespace registry and the search for users. Needs no root but skips what does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "umh/ns.h"
#include "umh/ns_scan.h"

static int open_ns(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static uint64_t inode(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

/* A child in a namespace of its own; returns its pid, or 0 where that is not allowed. */
static pid_t child_in_new_ns(uint64_t *ino)
{
	int pipefd[2];
	char ok = 0;
	pid_t pid;
	char path[64];
	struct stat st;

	assert_int_equal(pipe(pipefd), 0);
	pid = fork();
	if (!pid) {
		ok = unshare(CLONE_NEWNET) == 0;
		if (write(pipefd[1], &ok, 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(pipefd[0], &ok, 1), 1);
	close(pipefd[0]);
	close(pipefd[1]);
	if (!ok) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	assert_int_equal(stat(path, &st), 0);
	*ino = st.st_ino;
	return pid;
}

static void test_get(void **state)
{
	int fd = open_ns();
	struct xtbpf_ns *a = NULL, *b = NULL;
	int null = open("/dev/null", O_RDONLY);
	int mnt = open("/proc/self/ns/mnt", O_RDONLY);

	assert_int_equal(xtbpf_ns_get(fd, &a), 0);
	assert_int_equal(xtbpf_ns_get(fd, &b), 0);
	assert_ptr_equal(a, b);
	assert_int_equal(a->ino, inode(fd));
	assert_int_not_equal(a->fd, fd);
	assert_ptr_equal(xtbpf_ns_first(), a);
	b = NULL;
	assert_int_equal(xtbpf_ns_get(null, &b), -EINVAL);
	assert_int_equal(xtbpf_ns_get(mnt, &b), -EINVAL);
	assert_int_equal(xtbpf_ns_get(-1, &b), -EINVAL);
	assert_null(b);
	close(fd);
	close(null);
	close(mnt);
}

static void test_scan(void **state)
{
	uint64_t ino = 0;
	pid_t pid = child_in_new_ns(&ino);
	int fd;

	assert_int_equal(xtbpf_ns_find_user(1), -ENOENT);
	if (!pid)
		skip();
	fd = xtbpf_ns_find_user(ino);
	assert_true(fd >= 0);
	assert_int_equal(inode(fd), ino);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* our own descriptor does not count */
	assert_int_equal(xtbpf_ns_find_user(ino), -ENOENT);
	close(fd);
}

/* Out of descriptors is not "nobody is there": rules would go with their namespace. */
static void test_scan_without_fds(void **state)
{
	struct rlimit old, few;
	uint64_t ino = 0;
	pid_t pid = child_in_new_ns(&ino);
	int next = dup(0);

	if (!pid)
		skip();
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	for (int n = 0; n < 4; n++) {
		few = (struct rlimit){ .rlim_cur = (rlim_t)(next + n), .rlim_max = old.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		int fd = xtbpf_ns_find_user(ino);

		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		if (fd >= 0)
			close(fd);
		else
			assert_int_equal(fd, -EMFILE);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int where(void *arg)
{
	int fd = open_ns();

	*(uint64_t *)arg = inode(fd);
	close(fd);
	return 42;
}

static void test_enter(void **state)
{
	uint64_t ino = 0, seen = 0, home = 0;
	pid_t pid = child_in_new_ns(&ino);
	int fd;

	if (!pid)
		skip();
	fd = xtbpf_ns_find_user(ino);
	where(&home);
	assert_int_equal(xtbpf_ns_enter(fd, where, &seen), 42);
	assert_int_equal(seen, ino);
	where(&seen);
	assert_int_equal(seen, home);
	assert_int_equal(xtbpf_ns_enter(-1, where, &seen), -EBADF);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_scan_without_fds),
		cmocka_unit_test(test_enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
