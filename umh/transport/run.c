// SPDX-License-Identifier: GPL-2.0-only
/*
 * `xtbpf run`: three processes. This one waits for CMD and passes signals on; CMD
 * runs under the filter; the supervisor answers (supervise.c) and stays for as long
 * as CMD's children do.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../cap.h"
#include "../cleanup.h"
#include "../client.h"
#include "../control.h"
#include "../log.h"
#include "filter.h"
#include "transport.h"

static void usage(FILE *to)
{
	fprintf(to,
		"usage: xtbpf run [--] CMD [ARG...]\n\n"
		"Run CMD. The iptables-legacy calls of it and of its children are served by "
		"xtbpf.\n"
		"Starts xtbpfd when none runs. Exit status: CMD's (128 + N: killed by signal N);\n"
		"2 wrong usage, 3 something is missing, which is named.\n");
}

static int exec_command(char **cmd)
{
	execvp(cmd[0], cmd);
	xtbpf_log(XTBPF_ERR, "%s: %m", cmd[0]);
	return errno == ENOENT ? 127 : 126;
}

/* The listener, or the errno why there is none, from CMD's process to this one. */
static int send_listener(int sock, int fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	int status = fd < 0 ? fd : 0;
	struct iovec iov = { &status, sizeof(status) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (fd >= 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int recv_listener(int sock)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	int status, fd;
	struct iovec iov = { &status, sizeof(status) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(status))
		return -EPIPE;
	if (status)
		return status;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -EPROTO;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static void become_command(int sock, const sigset_t *mask, char **cmd)
{
	int fd, err;

	sigprocmask(SIG_SETMASK, mask, NULL);
	fd = xtbpf_filter_install();
	err = send_listener(sock, fd);
	if (fd < 0 || err)
		_exit(3);
	close(fd);
	close(sock);
	_exit(exec_command(cmd));
}

static void become_supervisor(int listener, struct xtbpf_shared *shared)
{
	/* With a connection of its own: the helper asks what the one who connected may do. */
	struct xtbpf_supervisor s = { .listener = listener, .helper = -1, .shared = shared };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;

	/* Whoever stops CMD by signals to its group or terminal must not stop its answers. */
	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "xtbpf-run");
	if (chdir("/"))
		xtbpf_log(XTBPF_DEBUG, "chdir /: %m");
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO); /* stderr stays: refusals are explained there */
	}
	xtbpf_supervise(&s);
	_exit(0);
}

/*
 * What the terminal sends reaches CMD's process group by itself; what somebody sends
 * to us is meant for CMD.
 */
static void pass_on(const struct signalfd_siginfo *si, pid_t cmd)
{
	if (si->ssi_code <= 0)
		kill(cmd, (int)si->ssi_signo);
}

static int wait_for(pid_t cmd, int signals)
{
	struct signalfd_siginfo si;
	int status;
	pid_t pid;

	for (;;) {
		if (read(signals, &si, sizeof(si)) != sizeof(si)) {
			if (errno == EINTR)
				continue;
			return 3;
		}
		if (si.ssi_signo != SIGCHLD) {
			pass_on(&si, cmd);
			continue;
		}
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid == cmd)
				return WIFEXITED(status) ? WEXITSTATUS(status)
							 : 128 + WTERMSIG(status);
		}
	}
}

static int refuse(int err)
{
	if (err == -EBUSY)
		xtbpf_log(XTBPF_ERR,
			  "another program already supervises this process's system calls "
			  "by seccomp; xtbpf run cannot work inside it");
	else
		xtbpf_log(XTBPF_ERR, "the seccomp filter cannot be installed: %s", strerror(-err));
	return 3;
}

/*
 * The supervisor ends at once when CMD was the last one under its filter; then it
 * is not left to whoever is process 1 here.
 */
static void reap_supervisor(pid_t pid)
{
	_cleanup_fd_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (fd >= 0 && poll(&pfd, 1, 100) == 1)
		waitpid(pid, NULL, WNOHANG);
}

/* Start both, wait for one. */
static int supervise_command(char **cmd)
{
	_cleanup_fd_ int signals = -1, listener = -1;
	struct xtbpf_shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigset_t set, old;
	pid_t pid, supervisor;
	int sp[2], status;

	sigemptyset(&set);
	for (const int *sig = (const int[]){ SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2,
					     SIGCHLD, 0 };
	     *sig; sig++)
		sigaddset(&set, *sig);
	sigprocmask(SIG_BLOCK, &set, &old);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (shared == MAP_FAILED || signals < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sp))
		return refuse(-errno);
	pid = fork();
	if (pid < 0)
		return refuse(-errno);
	if (!pid)
		become_command(sp[1], &old, cmd);
	close(sp[1]);
	listener = recv_listener(sp[0]);
	close(sp[0]);
	if (listener < 0) {
		waitpid(pid, &status, 0);
		return refuse(listener);
	}
	supervisor = fork();
	if (!supervisor)
		become_supervisor(listener, shared);
	close(xtbpf_steal_fd(
		&listener)); /* no copy left here: should the supervisor die, calls fail and do not hang */
	if (supervisor < 0) {
		kill(pid, SIGKILL);
		return refuse(-EAGAIN);
	}
	status = wait_for(pid, signals);
	reap_supervisor(supervisor);
	return shared->nft_seen ? 3 : status;
}

/*
 * Someone may have closed the standard fds; nothing of ours shall be taken for them.
 * CMD gets them closed again, as it would have.
 */
static void fill_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int xtbpf_cmd_run(int argc, char **argv)
{
	const char *missing;
	int i = 1, helper;

	fill_standard_fds();
	if (i < argc && (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))) {
		usage(stdout);
		return 0;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	else if (i < argc && argv[i][0] == '-') {
		xtbpf_log(XTBPF_ERR, "run: what is \"%s\"?", argv[i]);
		i = argc;
	}
	if (i >= argc) {
		usage(stderr);
		return 2;
	}
	if (xtbpf_filter_nested()) /* the outer one serves us already */
		return exec_command(argv + i);
	missing = xtbpf_cap_missing();
	if (missing) {
		xtbpf_log(XTBPF_ERR, "missing: %s. Run this as root; in a container, add them",
			  missing);
		return 3;
	}
	helper = xtbpf_helper();
	if (helper < 0)
		return 3;
	close(helper); /* it answers: that was the question */
	return supervise_command(argv + i);
}
