// SPDX-License-Identifier: GPL-2.0-only
/* xtbpfd: start, options, signals, end. What it does is in daemon/, server and enforce. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "cap.h"
#include "cleanup.h"
#include "client.h"
#include "daemon/daemon.h"
#include "daemon/event.h"
#include "enforce.h"
#include "home.h"
#include "log.h"
#include "paths.h"
#include "server.h"
#include "transport/module.h"

struct options {
	enum xtbpf_attach attach;
	enum xtbpf_early early;
	bool daemon;
	bool here;
	size_t max_request;
};

static void help(FILE *to)
{
	fprintf(to,
		"usage: xtbpfd [OPTIONS]\n\n"
		"The helper behind xtbpf: keeps iptables tables and enforces them by BPF. What it "
		"has\n"
		"put in force stays in force when it ends, and is taken up again when it "
		"starts.\n\n"
		"  --attach=auto|netfilter|tc  where rules decide (auto: netfilter where the "
		"kernel has\n"
		"                              such links; tc is not exact, see xtbpf status)\n"
		"  --early=auto|off|xdp|tc     where packets that surely drop are dropped early\n"
		"  --max-request=MIB           largest table accepted, in MiB (512)\n"
		"  --foreground                stay in the foreground (default)\n"
		"  --daemon                    go to the background once ready; log to "
		"%s/xtbpfd.log\n"
		"  --here                      stay in the mount and network namespace it is "
		"started in\n"
		"  --verbose                   say more\n"
		"  --help\n\n"
		"SIGTERM ends it. Exit status: 0 done, 2 wrong usage, 3 the system lacks something "
		"or\n"
		"another xtbpfd is running.\n",
		xtbpf_rundir());
}

/* Index of value in the NULL-terminated names, or -1 said aloud. */
static int choice(const char *option, const char *value, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(value, names[i]))
			return i;
	fprintf(stderr, "xtbpfd: --%s=%s: must be one of", option, value);
	for (int i = 0; names[i]; i++)
		fprintf(stderr, " %s", names[i]);
	fputc('\n', stderr);
	return -1;
}

static int max_request(const char *text, size_t *out)
{
	char *end;
	unsigned long mib;

	errno = 0;
	mib = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || mib < 1 || mib > 512) {
		fprintf(stderr, "xtbpfd: --max-request=%s: must be 1 to 512\n", text);
		return -1;
	}
	*out = mib << 20;
	return 0;
}

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *o)
{
	/* In the order of enum xtbpf_attach and enum xtbpf_early. */
	static const char *const attach[] = { "auto", "netfilter", "tc", NULL };
	static const char *const early[] = { "auto", "off", "xdp", "tc", NULL };
	static const struct option longs[] = {
		{ "attach", required_argument, NULL, 'a' },
		{ "early", required_argument, NULL, 'e' },
		{ "max-request", required_argument, NULL, 'm' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "daemon", no_argument, NULL, 'd' },
		{ "here", no_argument, NULL, 'H' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, n = 0;

	while ((c = getopt_long(argc, argv, "+h", longs, NULL)) != -1) {
		switch (c) {
		case 'a':
			n = choice("attach", optarg, attach);
			o->attach = (enum xtbpf_attach)n;
			break;
		case 'e':
			n = choice("early", optarg, early);
			o->early = (enum xtbpf_early)n;
			break;
		case 'm':
			n = max_request(optarg, &o->max_request);
			break;
		case 'f':
		case 'd':
			o->daemon = c == 'd';
			break;
		case 'H':
			o->here = true;
			break;
		case 'v':
			xtbpf_log_level(XTBPF_DEBUG);
			break;
		case 'h':
			help(stdout);
			return 0;
		default:
			return 2;
		}
		if (n < 0)
			return 2;
	}
	if (optind < argc) {
		fprintf(stderr, "xtbpfd: what is \"%s\"? See xtbpfd --help\n", argv[optind]);
		return 2;
	}
	return -1;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *arg)
{
	return sd_event_exit(xtbpf_event(), 0);
}

static int watch_signals(void)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	err = sd_event_add_signal(xtbpf_event(), NULL, SIGTERM, on_signal, NULL);
	return err < 0 ? err : sd_event_add_signal(xtbpf_event(), NULL, SIGINT, on_signal, NULL);
}

/* Serve until told to end. ready: fd to say so on, or -1. */
static int serve(int ready)
{
	int err;

	if (!xtbpf_event()) {
		xtbpf_log(XTBPF_ERR, "no event loop: %m");
		return 3;
	}
	err = watch_signals();
	/* Listening before restoring: who comes meanwhile waits and is not turned away. */
	if (err >= 0)
		err = xtbpf_daemon_listen();
	if (err < 0) {
		xtbpf_log(XTBPF_ERR, "%s: %s", xtbpf_socket_path(), strerror(-err));
		return 3;
	}
	err = xtbpf_kmod_claim();
	if (err)
		xtbpf_log(XTBPF_ERR, "/dev/xtbpf: %s: only xtbpf run is served", strerror(-err));
	err = xtbpf_restore_all();
	if (err)
		xtbpf_log(XTBPF_ERR, "not everything was taken up again: %s", strerror(-err));
	err = xtbpf_kmod_serve();
	if (err)
		xtbpf_log(XTBPF_ERR, "/dev/xtbpf: %s: only xtbpf run is served", strerror(-err));
	sd_notify(0, "READY=1");
	if (ready >= 0 && write(ready, "", 1) != 1)
		xtbpf_log(XTBPF_WARN, "nobody waits for us: %m");
	if (ready >= 0)
		close(ready);
	err = sd_event_loop(xtbpf_event());
	sd_notify(0, "STOPPING=1");
	unlink(xtbpf_socket_path());
	xtbpf_shutdown();
	return err < 0 ? 1 : 0;
}

/* The lock. One that is just ending no longer answers, and is waited for. */
static int become_the_helper(void)
{
	int err = xtbpf_daemon_lock(), peer;

	for (int i = 0; err == -EBUSY && i < 100; i++) {
		peer = xtbpf_connect();
		if (peer >= 0) {
			close(peer);
			return err;
		}
		usleep(50000);
		err = xtbpf_daemon_lock();
	}
	return err;
}

static int to_background_io(void)
{
	_cleanup_fd_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	_cleanup_fd_ int log = -1;
	char path[4096];

	snprintf(path, sizeof(path), "%s/xtbpfd.log", xtbpf_rundir());
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (null < 0 || log < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		return -errno;
	xtbpf_log_stamp();
	return 0;
}

/* In the parent: 0 once the child serves, else the child's exit status. */
static int await_child(pid_t pid, int ready)
{
	int status;
	char c;

	if (read(ready, &c, 1) == 1)
		return 0;
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status))
		return WEXITSTATUS(status);
	return 3;
}

static int serve_in_background(void)
{
	int ready[2], err;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return 3;
	pid = fork();
	if (pid < 0) {
		xtbpf_log(XTBPF_ERR, "fork: %m");
		return 3;
	}
	if (pid) {
		close(ready[1]);
		return await_child(pid, ready[0]);
	}
	close(ready[0]);
	setsid();
	err = to_background_io();
	if (err) {
		xtbpf_log(XTBPF_ERR, "%s/xtbpfd.log: %s", xtbpf_rundir(), strerror(-err));
		return 3;
	}
	return serve(ready[1]);
}

/* Each namespace takes some dozens of descriptors; a shell's 1024 are gone soon. */
static void raise_nofile(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r))
		xtbpf_log(XTBPF_DEBUG, "limit of open files: %m");
}

int main(int argc, char **argv)
{
	struct options o = { .max_request = XTBPF_WIRE_MAX };
	const char *missing;
	int err = parse(argc, argv, &o);

	if (err >= 0)
		return err;
	missing = xtbpf_cap_missing();
	if (missing) {
		fprintf(stderr,
			"xtbpfd: missing: %s. Start it as root, in a container with these "
			"capabilities.\n",
			missing);
		return 3;
	}
	if (o.daemon)
		closefrom(STDERR_FILENO + 1); /* a starter's pipes are not ours to keep open */
	if (!o.here) {
		xtbpf_home_find();
		xtbpf_home_go();
	}
	raise_nofile();
	xtbpf_env_set(o.attach, o.early);
	xtbpf_daemon_limit(o.max_request);
	err = become_the_helper();
	if (err) {
		fprintf(stderr, "xtbpfd: %s: %s\n", xtbpf_rundir(),
			err == -EBUSY ? "another xtbpfd is running" : strerror(-err));
		return 3;
	}
	return o.daemon ? serve_in_background() : serve(-1);
}
