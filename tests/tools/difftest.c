/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The differential test: one ruleset on the kernel's ip_tables and on xtbpf,
 * the same packets through both, everything countable compared.
 *
 * Exit status: 0 no difference, 1 differences, 2 usage, 3 could not be tested,
 * 4 xtbpf refused the rules, 5 fewer than --least rules left,
 * 6 --whole: xtbpf took what it should not have, or named a wrong rule.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/diff/match.h"
#include "tests/diff/whole.h"

struct options {
	const char *file, *against, *bin, *other, *want_early;
	struct match m;
	bool reduce, whole, all_tables, no_bisect, few;
	char *canon, *small;
	unsigned int least;
};

static const struct option long_options[] = {
	{ "family", required_argument, NULL, 'f' },  { "against", required_argument, NULL, 'a' },
	{ "attach", required_argument, NULL, 'A' },  { "early", required_argument, NULL, 'E' },
	{ "packets", required_argument, NULL, 'n' }, { "seed", required_argument, NULL, 's' },
	{ "strange", required_argument, NULL, 'S' }, { "table", required_argument, NULL, 't' },
	{ "least", required_argument, NULL, 'l' },   { "bin", required_argument, NULL, 'b' },
	{ "eval", no_argument, NULL, 'e' },	     { "reduce", no_argument, NULL, 'r' },
	{ "all-tables", no_argument, NULL, 'T' },    { "whole", no_argument, NULL, 'w' },
	{ "no-bisect", no_argument, NULL, 'B' },     { "want-early", required_argument, NULL, 'W' },

	{ "other", required_argument, NULL, 'o' },   { 0 },
};

static void usage(FILE *f)
{
	fprintf(f,
		"usage: difftest [options] FILE\n"
		"  --family=4|6          (4)\n"
		"  --against=kernel|xtbpf  second side (xtbpf)\n"
		"  --attach= --early=    for the private xtbpfd (auto)\n"
		"  --packets=N --seed=S --strange=PERCENT --table=NAME (filter)\n"
		"  --reduce --least=N    only the rules that xtbpf has; exit 5 when fewer stay\n"
		"  --all-tables          with --reduce: keep raw, mangle and security\n"
		"  --whole               first the whole file: xtbpf takes it or names its first "
		"unsupported rule\n"
		"  --other=FILE          rules for the second side alone: differences must show\n"
		"  --eval                the evaluator as a third opinion (filter)\n"
		"  --no-bisect           do not look for the packet that made a difference\n");
}

static int parse(int argc, char **argv, struct options *o, struct helper *h)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 'f':
			o->m.family = atoi(optarg);
			break;
		case 'a':
			o->against = optarg;
			break;
		case 'A':
			snprintf(h->attach, sizeof(h->attach), "%s", optarg);
			break;
		case 'E':
			snprintf(h->early, sizeof(h->early), "%s", optarg);
			break;
		case 'n':
			o->m.packets = (unsigned int)atoi(optarg);
			break;
		case 's':
			o->m.seed = strtoull(optarg, NULL, 0);
			break;
		case 'S':
			o->m.strange = (unsigned int)atoi(optarg);
			break;
		case 't':
			o->m.aim_at = optarg;
			break;
		case 'l':
			o->least = (unsigned int)atoi(optarg);
			break;
		case 'W':
			o->want_early = optarg;
			break;
		case 'o':
			o->other = optarg;
			break;
		case 'b':
			o->bin = optarg;
			break;
		case 'e':
			o->m.eval = true;
			break;
		case 'r':
			o->reduce = true;
			break;
		case 'T':
			o->all_tables = true;
			break;
		case 'w':
			o->whole = true;
			break;
		case 'B':
			o->no_bisect = true;
			break;
		default:
			return -EINVAL;
		}
	}
	if (optind != argc - 1 || (o->m.family != 4 && o->m.family != 6))
		return -EINVAL;
	o->file = argv[optind];
	return 0;
}

/* The programs are beside this one: build/tests/tools/difftest, build/bin/xtbpfd. */
static void find_programs(const struct options *o, struct helper *h)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (o->bin) {
		snprintf(h->bin, sizeof(h->bin), "%s", o->bin);
		return;
	}
	self[n > 0 ? n : 0] = 0;
	snprintf(h->bin, sizeof(h->bin), "%.200s/../../bin", dirname(self));
}

/* The file's ipsets, which lie beside it, into a namespace. */
static void load_ipsets(const struct options *o, int netns)
{
	char path[PATH_MAX], *dot, *text;
	struct run r;

	snprintf(path, sizeof(path), "%s", o->file);
	dot = strrchr(path, '.');
	if (!dot || (size_t)(dot - path) + 8 >= sizeof(path))
		return;
	strcpy(dot, ".ipsets");
	text = file_get(path);
	if (!text)
		return;
	run_in(netns, (char *[]){ "ipset", "restore", NULL }, text, &r);
	if (r.status)
		printf("# ipset: %s\n", r.err);
	run_release(&r);
	free(text);
}

/* What the kernel makes of the file: canonical text. */
static char *canonical(const struct options *o, const char *text)
{
	struct side s = { .name = "kernel", .topo = { .family = o->m.family, .box = netns_new() } };
	char *none[] = { NULL }, *out = NULL;
	struct run r;

	if (s.topo.box < 0)
		return NULL;
	load_ipsets(o, s.topo.box);
	side_client(&s, client_name(o->m.family, "-restore"), none, text, &r);
	if (r.status)
		printf("# the kernel refuses the file: %s\n", r.err);
	else
		out = side_save(&s, false, NULL);
	run_release(&r);
	close(s.topo.box);
	return out;
}

/* The whole file on xtbpf, before it is reduced. */
static int try_whole(const struct options *o, struct helper *h)
{
	struct side s = { .name = "xtbpf", .by = h };
	enum whole_result res;

	s.topo.family = o->m.family;
	s.topo.box = netns_new();
	if (s.topo.box < 0)
		return 3;
	load_ipsets(o, s.topo.box);
	res = whole_try(&s, o->canon);
	close(s.topo.box);
	return res == WHOLE_WRONG ? 6 : 0;
}

static void bisect(struct match *m)
{
	unsigned int total = m->differences;

	printf("# looking for the packet\n");
	m->every = 64;
	m->from = 0;
	if (!match_run(m) && m->first_bad) {
		m->from = m->first_bad > 64 ? m->first_bad - 64 : 0;
		m->every = 1;
		match_run(m);
	} else {
		printf("# no difference of counters the second time\n");
	}
	m->differences = total;
}

static int compare(struct options *o)
{
	int err = match_run(&o->m);

	if (err) {
		printf("# could not compare: %s\n", strerror(-err));
		return 3;
	}
	if (o->m.refused) {
		printf("# refused: %s\n", o->m.refusal);
		return 4;
	}
	printf("# %s: %u packets, %u of %u rules met, seed %llu, %u differences\n", o->file,
	       o->m.sent, o->m.rules_met, o->m.rules_all, (unsigned long long)o->m.seed,
	       o->m.differences);
	if (o->want_early && !o->m.early_drops[!strcmp(o->want_early, "tc")]) {
		printf("# nothing was dropped early at %s\n", o->want_early);
		return 1;
	}
	if (o->m.differences && !o->no_bisect)
		bisect(&o->m);
	return o->m.differences ? 1 : 0;
}

static int prepare_rules(struct options *o)
{
	unsigned int kept = 0, dropped = 0;
	char *text = file_get(o->file), *small;

	if (!text) {
		perror(o->file);
		return 2;
	}
	o->canon = canonical(o, text);
	free(text);
	if (!o->canon)
		return 3;
	small = r_reduce(o->m.family, o->canon, !o->all_tables, &kept, &dropped);
	if (!small)
		return 3;
	printf("# %s: %u rules kept, %u dropped\n", o->file, kept, dropped);
	o->small = small;
	o->m.rules = o->reduce ? small : o->canon;
	o->m.other = o->other ? file_get(o->other) : NULL;
	o->few = o->reduce && kept < o->least;
	return 0;
}

static int work(struct options *o, struct helper *h)
{
	int rc = prepare_rules(o), whole = 0;

	if (!rc && !strcmp(o->against, "xtbpf")) {
		o->m.helper[1] = h;
		o->m.tc = !strcmp(h->attach, "tc");
		o->m.early = strcmp(h->early, "off");
		rc = helper_start(h) ? 3 : 0;
	}
	if (!rc && o->whole)
		whole = try_whole(o, h);
	if (!rc && o->few)
		rc = 5;
	if (!rc)
		rc = compare(o);
	return whole && (!rc || rc == 5) ? whole : rc;
}

int main(int argc, char **argv)
{
	struct helper h = { 0 };
	struct options o = { .against = "xtbpf",
			     .m = { .family = 4,
				    .packets = 2000,
				    .seed = (uint64_t)time(NULL),
				    .strange = 25,
				    .aim_at = "filter" } };
	int rc;

	if (parse(argc, argv, &o, &h)) {
		usage(stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	find_programs(&o, &h);
	if (helper_prepare(&h)) {
		perror("private bpffs");
		return 3;
	}
	rc = work(&o, &h);
	helper_remove(&h);
	free(o.canon);
	free(o.small);
	free((char *)o.m.other);
	free(o.m.refusal);
	return rc;
}
