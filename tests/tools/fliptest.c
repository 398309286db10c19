/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replaces under load, and helpers that die.
 *   fliptest flip N     N replaces alternating two rulesets while packets flow
 *   fliptest kill N     N rounds: replaces under load, kill -9 of the helper at a
 *                       random moment, restart; rules and counters must be there
 * Prints comments; exit status 0, 1 (wrong), 2 usage, 3 could not be tested.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/diff/counters.h"
#include "tests/diff/flow.h"
#include "tests/diff/rng.h"

/* One iptables-restore input with n commits, ending with ruleset 1. */
static int write_replaces(const char *path, unsigned int n)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	for (unsigned int i = 0; i < n; i++)
		fputs(flow_rules((int)((n - i) & 1 ? 1 : 0)), f);
	return fclose(f) ? -errno : 0;
}

static pid_t start_restore(struct side *s, const char *file, const char *log)
{
	char prog[300];
	char *argv[] = { prog, "run", "--", "iptables-legacy-restore", (char *)file, NULL };

	snprintf(prog, sizeof(prog), "%s/xtbpf", s->by->bin);
	return run_start(s->topo.box, argv, log);
}

static int restore(struct side *s, int which)
{
	char *none[] = { NULL };
	struct run r;
	int status;

	side_client(s, "iptables-legacy-restore", none, flow_rules(which), &r);
	status = r.status;
	if (status)
		printf("# restore: %d: %s\n", status, r.err);
	run_release(&r);
	return status;
}

static int flip(struct side *s, unsigned int n)
{
	struct flow f = { .topo = &s->topo };
	char file[128], log[128];
	unsigned int bad;
	int st = 0;
	pid_t pid;

	snprintf(file, sizeof(file), "%s/replaces", s->by->dir);
	snprintf(log, sizeof(log), "%s/restore.log", s->by->dir);
	if (restore(s, 0) || write_replaces(file, n))
		return 3;
	pid = start_restore(s, file, log);
	if (pid < 0)
		return 3;
	while (waitpid(pid, &st, WNOHANG) == 0)
		flow_burst(&f, 4);
	bad = flow_check(&f);
	printf("# %u replaces over %llu packets forwarded and %llu sent; restore's status %d\n", n,
	       (unsigned long long)(f.sent[0] + f.sent[1] + f.sent[2]),
	       (unsigned long long)(f.passed[0] + f.refused[1] + f.passed[2] + f.refused[2]),
	       WEXITSTATUS(st));
	if (st) {
		char *text = file_get(log);

		printf("# %s\n", text ? text : "");
		free(text);
		bad++;
	}
	return bad != 0;
}

/* Rules without counters. */
static char *list(struct side *s)
{
	char *args[] = { "-S", NULL };
	struct run r;

	side_client(s, "iptables-legacy", args, NULL, &r);
	free(r.err);
	return r.out;
}

/* Rules now must be one of the two rulesets, as the kernel would print them. */
static bool known_rules(struct side *s, char *const canon[2])
{
	char *now = list(s);
	bool ok = !text_diff("", now, canon[0], NULL, 0) || !text_diff("", now, canon[1], NULL, 0);

	if (!ok)
		printf("# neither ruleset: %s\n", now);
	free(now);
	return ok;
}

/* Packets of the accepted rule in FORWARD, from save -c; -1: not there. */
static long long accepted(struct side *s)
{
	char *text = side_save(s, true, "filter"),
	     *p = strstr(text, "-A FORWARD -p udp -m udp --dport 1000");
	long long v = -1;

	while (p && p > text && p[-1] != '\n')
		p--;
	if (p)
		v = atoll(p + 1);
	free(text);
	return v;
}

/* The helper is dead: still judged, and counted when it is back. */
static unsigned int dead_and_back(struct side *s, struct flow *f)
{
	long long before, after;
	uint64_t sent;

	if (restore(s, 0))
		return 1;
	before = accepted(s);
	helper_stop(s->by, SIGKILL);
	sent = f->sent[FLOW_ACCEPT];
	flow_burst(f, 50);
	sent = f->sent[FLOW_ACCEPT] - sent;
	if (helper_start(s->by)) {
		printf("# no restart\n");
		return 1;
	}
	after = accepted(s);
	if (before < 0 || after - before != (long long)sent) {
		printf("# counter over the death: %lld before, %lld after, %llu sent\n", before,
		       after, (unsigned long long)sent);
		return 1;
	}
	return 0;
}

static unsigned int kill_round(struct side *s, struct flow *f, struct rng *rng,
			       char *const canon[2])
{
	char file[128], log[128];
	struct timespec t0, t;
	long wait_us = (long)rng_below(rng, 60000), us;
	int st = 0;
	pid_t pid;

	snprintf(file, sizeof(file), "%s/replaces", s->by->dir);
	snprintf(log, sizeof(log), "%s/restore.log", s->by->dir);
	write_replaces(file, 100);
	pid = start_restore(s, file, log);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	do {
		flow_burst(f, 1);
		clock_gettime(CLOCK_MONOTONIC, &t);
		us = (t.tv_sec - t0.tv_sec) * 1000000 + (t.tv_nsec - t0.tv_nsec) / 1000;
	} while (us < wait_us);
	helper_stop(s->by, SIGKILL);
	while (waitpid(pid, &st, WNOHANG) == 0)
		flow_burst(f, 4);
	flow_burst(f, 20);
	/* whoever asks first starts a new one; or we do */
	if (!helper_pid(s->by) && helper_start(s->by)) {
		printf("# no restart after %ld us\n", wait_us);
		return 1;
	}
	flow_burst(f, 20);
	return !known_rules(s, canon);
}

static int kill_test(struct side *s, unsigned int n)
{
	struct flow f = { .topo = &s->topo };
	struct rng rng = { .s = (uint64_t)time(NULL) };
	char *canon[2];
	unsigned int bad = 0;

	printf("# seed %llu\n", (unsigned long long)rng.s);
	for (int i = 0; i < 2; i++) {
		if (restore(s, i))
			return 3;
		canon[i] = list(s);
	}
	for (unsigned int i = 0; i < n && !bad; i++) {
		bad += kill_round(s, &f, &rng, canon);
		bad += dead_and_back(s, &f);
		if (bad)
			printf("# in round %u\n", i);
	}
	bad += flow_check(&f);
	free(canon[0]);
	free(canon[1]);
	return bad != 0;
}

int main(int argc, char **argv)
{
	struct helper h = { .early = "off" };
	struct side s = { .name = "xtbpf", .by = &h };
	struct topo_conf conf;
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int rc = 3, n = argc > 2 ? atoi(argv[2]) : 0;

	if (n <= 0 || (strcmp(argv[1], "flip") && strcmp(argv[1], "kill"))) {
		fprintf(stderr, "usage: fliptest flip|kill N [EARLY]\n");
		return 2;
	}
	if (argc > 3)
		snprintf(h.early, sizeof(h.early), "%s", argv[3]);
	self[len > 0 ? len : 0] = 0;
	snprintf(h.bin, sizeof(h.bin), "%.200s/../../bin", dirname(self));
	setvbuf(stdout, NULL, _IOLBF, 0);
	topo_conf_init(&conf, 4);
	if (helper_prepare(&h) || topo_make(&conf, &s.topo))
		return 3;
	if (!helper_start(&h))
		rc = !strcmp(argv[1], "flip") ? flip(&s, (unsigned int)n)
					      : kill_test(&s, (unsigned int)n);
	helper_remove(&h);
	topo_close(&s.topo);
	return rc;
}
