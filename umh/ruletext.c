// SPDX-License-Identifier: GPL-2.0-only
/*
 * libxtables exits and prints as it likes, and its extensions were not written
 * for hostile payloads: so it runs in a child without privileges, files or time.
 */
#include "ruletext.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "ruletext/rule.h"

#define MAX_TEXT 1024
#define MAX_MSEC 2000
#define NOBODY 65534

static void limit(int resource, rlim_t n)
{
	struct rlimit r = { .rlim_cur = n, .rlim_max = n };

	setrlimit((__rlimit_resource_t)resource, &r);
}

/* Best effort: not being root already is no reason to stop. */
static void drop_everything(int out)
{
	sigset_t none;

	dup2(out, STDOUT_FILENO);
	close(STDIN_FILENO);
	close(STDERR_FILENO);
	close_range(3, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, MAX_MSEC / 1000);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!geteuid() && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			   setresuid(NOBODY, NOBODY, NOBODY)))
		_exit(1);
	limit(RLIMIT_NPROC, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int msec_left(const struct timespec *end)
{
	struct timespec now;
	long long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (end->tv_sec - now.tv_sec) * 1000ll + (end->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

/* Everything the child says until it is done, too long or too late. */
static size_t collect(int fd, char *text, size_t room)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec end;
	size_t n = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += MAX_MSEC / 1000;
	while (n < room) {
		int ready = poll(&p, 1, msec_left(&end));
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;
		got = read(fd, text + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return n;
}

/* text[MAX_TEXT + 4]; an end that is missing is shown as dots. -errno when there was no child. */
static int ask_child(const struct rule *rule, char *text)
{
	int pipes[2], status = 0;
	size_t n;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(pipes[0]);
		close(pipes[1]);
		return -EAGAIN;
	}
	if (!pid) {
		drop_everything(pipes[1]);
		xtbpf_rule_print(rule, true, stdout);
		_exit(0);
	}
	close(pipes[1]);
	n = collect(pipes[0], text, MAX_TEXT);
	close(pipes[0]);
	kill(pid, SIGKILL); /* our own unreaped child: the pid is still its */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	text[n] = '\0';
	if (n == MAX_TEXT || !WIFEXITED(status) || WEXITSTATUS(status))
		strcpy(text + n, "...");
	return 0;
}

/* Names only: good enough when there is no child to be had. */
static char *plain(const struct rule *rule)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	xtbpf_rule_print(rule, false, f);
	fclose(f);
	return text;
}

char *xtbpf_rule_text(const struct xtbpf_blob *blob, uint32_t entry)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	struct rule rule;
	char text[MAX_TEXT + 4];

	if (xtbpf_rule_take(blob, entry, &rule))
		return NULL;
	bytes = rule.entry;
	if (ask_child(&rule, text) || !text[0])
		return plain(&rule);
	return strdup(text);
}
