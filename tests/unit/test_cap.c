// SPDX-License-Identifier: GPL-2.0-only
/* Who may change a namespace's firewall: the kernel's cap_capable, case by case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "umh/cap.h"

#define BIT (1ull << CAP_NET_ADMIN)

/* netns owned by C, made by uid 1002 in B, made by uid 1001 in A, the first. */
static const struct xtbpf_userns chain[] = {
	{ { 4, 30 }, 1002 },
	{ { 4, 20 }, 1001 },
	{ { 4, 10 }, 0 },
};

static bool may(uint64_t ino, uid_t euid, uint64_t caps)
{
	struct xtbpf_cred cred = { { 4, ino }, euid, caps };

	return xtbpf_cap_decide(chain, 3, &cred, CAP_NET_ADMIN);
}

static void decide(void **state)
{
	assert_true(may(30, 5, BIT)); /* in the owner itself */
	assert_false(may(30, 5, ~BIT));
	assert_false(may(30, 1002, 0)); /* its maker's uid counts in the parent only */
	assert_true(may(20, 1002, 0));	/* the maker, from the parent */
	assert_false(may(20, 1001, 0));
	assert_true(may(20, 5, BIT)); /* capable in an ancestor */
	assert_true(may(10, 0, BIT));
	assert_true(may(10, 1001, 0)); /* made B, so all-powerful in B and below */
	assert_false(may(10, 1002, 0));
	assert_false(may(10, 0, 0));	 /* uid 0 alone is nothing */
	assert_false(may(40, 0, ~0ull)); /* a stranger or a descendant, however mighty there */
	struct xtbpf_cred elsewhere = { { 5, 30 }, 0, ~0ull };

	assert_false(xtbpf_cap_decide(chain, 3, &elsewhere, CAP_NET_ADMIN));
	assert_false(xtbpf_cap_decide(chain, 0, &elsewhere, CAP_NET_ADMIN));
}

static void processes(void **state)
{
	int gate[2], pidfd, dir, netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	pid_t pid;

	assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		char c;

		close(gate[1]);
		_exit(read(gate[0], &c, 1) != 0);
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(pidfd >= 0);
	assert_int_equal(xtbpf_pidfd_pid(pidfd), pid);
	dir = xtbpf_pidfd_proc(pidfd);
	assert_true(dir >= 0);
	close(dir);
	/* Without root the answer is what the kernel would tell us about ourselves. */
	if (geteuid() == 0 && !xtbpf_cap_missing())
		assert_true(xtbpf_cap_net_admin(pidfd, netns));
	close(gate[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(xtbpf_pidfd_pid(pidfd), -ESRCH);
	assert_int_equal(xtbpf_pidfd_proc(pidfd), -ESRCH);
	assert_false(xtbpf_cap_net_admin(pidfd, netns));
	assert_true(xtbpf_pidfd_pid(netns) < 0); /* no pidfd at all */
	assert_false(xtbpf_cap_net_admin(netns, pidfd));
	close(pidfd);
	close(netns);
	close(gate[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide),
		cmocka_unit_test(processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
