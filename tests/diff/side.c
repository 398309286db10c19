/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/side.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int helper_prepare(struct helper *h)
{
	char path[128];

	snprintf(h->dir, sizeof(h->dir), "/tmp/xtbpf-test-XXXXXX");
	if (!mkdtemp(h->dir))
		return -errno;
	/*
	 * A run directory and a bpffs of our own, which go with us whatever happens.
	 * As nobody else sees this run directory, a helper that xtbpf run starts
	 * stays in our mount namespace too.
	 */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", h->dir, "tmpfs", 0, "mode=0700"))
		return -errno;
	snprintf(path, sizeof(path), "%s/bpf", h->dir);
	if (mkdir(path, 0700) || mount("bpf", path, "bpf", 0, NULL))
		return -errno;
	snprintf(path, sizeof(path), "%s/bpf/x", h->dir);
	setenv("XTBPF_BPFFS", path, 1);
	snprintf(path, sizeof(path), "%s/run", h->dir);
	if (mkdir(path, 0700))
		return -errno;
	setenv("XTBPF_RUNDIR", path, 1);
	/* other users of iptables on this machine must not wait for us, nor we for them */
	snprintf(path, sizeof(path), "%s/xtables.lock", h->dir);
	setenv("XTABLES_LOCKFILE", path, 1);
	return 0;
}

int helper_start(struct helper *h)
{
	char prog[300], attach[32], early[32], log[128], sock[128];
	/* --here: in our mount namespace, where the bpffs is */
	char *argv[] = { prog, attach, early, "--foreground", "--here", NULL };
	struct stat st;
	int status;

	snprintf(prog, sizeof(prog), "%s/xtbpfd", h->bin);
	snprintf(attach, sizeof(attach), "--attach=%s", h->attach[0] ? h->attach : "auto");
	snprintf(early, sizeof(early), "--early=%s", h->early[0] ? h->early : "auto");
	snprintf(log, sizeof(log), "%s/xtbpfd.log", h->dir);
	snprintf(sock, sizeof(sock), "%s/run/xtbpfd.sock", h->dir);
	unlink(sock);
	h->pid = run_start(-1, argv, log);
	if (h->pid < 0)
		return h->pid;
	for (int i = 0; i < 1000; i++) {
		if (!stat(sock, &st))
			return 0;
		if (waitpid(h->pid, &status, WNOHANG) == h->pid) {
			h->pid = 0;
			printf("# xtbpfd ended with status %#x, see %s\n", status, log);
			return -ECHILD;
		}
		usleep(10000);
	}
	return -ETIMEDOUT;
}

pid_t helper_pid(const struct helper *h)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/run/xtbpfd.sock", h->dir);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		who.pid = 0;
	if (fd >= 0)
		close(fd);
	return who.pid;
}

/* Ours is a child and must be reaped; one started by xtbpf run is not. */
static bool gone(struct helper *h, pid_t pid)
{
	if (pid == h->pid)
		return waitpid(pid, NULL, WNOHANG) == pid;
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static void stop_pid(struct helper *h, pid_t pid, int sig)
{
	kill(pid, sig);
	for (int i = 0; i < 1000 && !gone(h, pid); i++) {
		if (i == 500) {
			printf("# xtbpfd did not end within 5 s: killed\n");
			kill(pid, SIGKILL);
		}
		usleep(10000);
	}
}

void helper_stop(struct helper *h, int sig)
{
	pid_t pid = helper_pid(h);

	if (h->pid > 0 && pid != h->pid)
		stop_pid(h, h->pid, sig);
	if (pid > 0)
		stop_pid(h, pid, sig);
	h->pid = 0;
}

/* What the helper had to say, when somebody wants to know. */
static void show_log(const struct helper *h)
{
	char path[128], *text;

	snprintf(path, sizeof(path), "%s/xtbpfd.log", h->dir);
	text = getenv("SHOW_LOG") ? file_get(path) : NULL;
	if (text)
		printf("%s", text);
	free(text);
}

void helper_remove(struct helper *h)
{
	char path[128];

	helper_stop(h, SIGTERM);
	if (!h->dir[0])
		return;
	show_log(h);
	snprintf(path, sizeof(path), "%s/bpf", h->dir);
	umount2(path, MNT_DETACH);
	umount2(h->dir, MNT_DETACH);
	rmdir(h->dir);
	h->dir[0] = 0;
}

const char *client_name(int family, const char *suffix)
{
	static char name[2][64];
	char *n = name[family == 6];

	snprintf(n, sizeof(name[0]), "ip%stables-legacy%s", family == 6 ? "6" : "", suffix);
	return n;
}

void side_client(struct side *s, const char *prog, char *const args[], const char *input,
		 struct run *out)
{
	char xtbpf[300], *argv[40];
	int n = 0;

	if (s->by) {
		snprintf(xtbpf, sizeof(xtbpf), "%s/xtbpf", s->by->bin);
		argv[n++] = xtbpf;
		argv[n++] = "run";
		argv[n++] = "--";
	}
	argv[n++] = (char *)prog;
	while (*args && n < 39)
		argv[n++] = *args++;
	argv[n] = NULL;
	run_in(s->topo.box, argv, input, out);
}

char *side_save(struct side *s, bool counters, const char *table)
{
	char *args[4] = { NULL };
	struct run r;
	char *text;
	int n = 0;

	if (counters)
		args[n++] = "-c";
	if (table) {
		args[n++] = "-t";
		args[n++] = (char *)table;
	}
	side_client(s, client_name(s->topo.family, "-save"), args, NULL, &r);
	if (r.status)
		printf("# %s: save: status %d: %s\n", s->name, r.status, r.err);
	text = r.out;
	r.out = NULL;
	run_release(&r);
	return text;
}

bool side_kernel_empty(struct side *s)
{
	const char *files[] = { "/proc/self/net/ip_tables_names",
				"/proc/self/net/ip6_tables_names" };
	bool empty = true;

	netns_in(s->topo.box);
	for (int i = 0; i < 2; i++) {
		char *text = file_get(files[i]);

		empty &= !text || !*text;
		free(text);
	}
	netns_home();
	return empty;
}
