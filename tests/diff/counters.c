/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/diff/proc.h"

/* Two lines "Ip: A B" and "Ip: 1 2" become "Ip:A 1", "Ip:B 2". */
static void pair_up(FILE *out, char *names, char *values)
{
	char *s1 = NULL, *s2 = NULL;
	char *group = strtok_r(names, " ", &s1), *n, *v;

	strtok_r(values, " ", &s2);
	while ((n = strtok_r(NULL, " ", &s1)) && (v = strtok_r(NULL, " ", &s2)))
		fprintf(out, "%s%s %s\n", group, n, v);
}

static char *snmp4(char *text)
{
	char *out = NULL, *save = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		return NULL;
	for (char *a = strtok_r(text, "\n", &save); a; a = strtok_r(NULL, "\n", &save)) {
		char *b = strtok_r(NULL, "\n", &save);

		if (!b)
			break;
		pair_up(f, a, b);
	}
	fclose(f);
	return out;
}

static char *snmp6(char *text)
{
	char *out = NULL, *save = NULL, key[64];
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	long long v;

	if (!f)
		return NULL;
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (sscanf(l, "%63s %lld", key, &v) == 2)
			fprintf(f, "%s %lld\n", key, v);
	fclose(f);
	return out;
}

char *snmp_read(int netns, int family)
{
	char *text, *out;

	netns_in(netns);
	text = file_get(family == 4 ? "/proc/self/net/snmp" : "/proc/self/net/snmp6");
	netns_home();
	if (!text)
		return NULL;
	out = family == 4 ? snmp4(text) : snmp6(text);
	free(text);
	return out;
}

static long long value_of(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *l = text; l && *l; l = strchr(l, '\n'), l = l ? l + 1 : NULL)
		if (!strncmp(l, key, n) && l[n] == ' ')
			return atoll(l + n);
	return 0;
}

char *snmp_delta(const char *before, const char *after)
{
	char *out = NULL, key[64];
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	long long v;

	if (!f)
		return NULL;
	for (const char *l = after; l && *l; l = strchr(l, '\n'), l = l ? l + 1 : NULL)
		if (sscanf(l, "%63s %lld", key, &v) == 2)
			fprintf(f, "%s %lld\n", key, v - value_of(before, key));
	fclose(f);
	return out;
}

static bool skipped(const char *line, const char *const *skip)
{
	if (*line == '#' || !*line)
		return true;
	for (; skip && *skip; skip++)
		if (strstr(line, *skip))
			return true;
	return false;
}

/* The next line of *p that counts, NUL terminated in place; NULL at the end. */
static char *next_line(char **p, const char *const *skip)
{
	char *line;

	while ((line = strsep(p, "\n")))
		if (!skipped(line, skip))
			return line;
	return NULL;
}

unsigned int text_diff(const char *what, const char *a, const char *b, const char *const *skip,
		       unsigned int show)
{
	char *ca = strdup(a ? a : ""), *cb = strdup(b ? b : ""), *pa = ca, *pb = cb, *la, *lb;
	unsigned int differ = 0;

	while (ca && cb) {
		la = next_line(&pa, skip);
		lb = next_line(&pb, skip);
		if (!la && !lb)
			break;
		if (la && lb && !strcmp(la, lb))
			continue;
		if (differ++ < show)
			printf("# %s differs:\n#   %s\n#   %s\n", what, la ? la : "(nothing)",
			       lb ? lb : "(nothing)");
	}
	free(ca);
	free(cb);
	return differ;
}
