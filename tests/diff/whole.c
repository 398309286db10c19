/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/diff/rules.h"

/* "xtbpf: [IPv6 ]TABLE CHAIN rule N (...": what was named. */
struct named {
	char table[32], chain[32];
	unsigned int rule;
};

static bool find_named(const char *err, struct named *out)
{
	for (const char *p = strstr(err, "xtbpf: "); p; p = strstr(p + 1, "xtbpf: "))
		if (sscanf(p, "xtbpf: %31s %31s rule %u", out->table, out->chain, &out->rule) ==
			    3 ||
		    sscanf(p, "xtbpf: IPv6 %31s %31s rule %u", out->table, out->chain,
			   &out->rule) == 3)
			return true;
	return false;
}

/* The first rule of a table that xtbpf does not have; NULL: none. */
static const struct r_rule *first_unsupported(const struct r_table *t)
{
	for (unsigned int i = 0; i < t->nrule; i++)
		if (t->rule[i].unsupported[0])
			return &t->rule[i];
	return NULL;
}

/* Tables are committed one after the other as they stand in the text. */
static bool next_table(const char **p, char name[32])
{
	const char *l;

	for (l = *p; l && *l; l = strchr(l, '\n'), l = l ? l + 1 : NULL) {
		if (*l == '*' && sscanf(l, "*%31s", name) == 1) {
			*p = l + 1;
			return true;
		}
	}
	return false;
}

/* nat is not there yet: any rule of it is refused. */
static bool as_expected(int family, const char *text, const struct named *n)
{
	const char *p = text;
	char name[32];
	bool ok = false, done = false;

	while (!done && next_table(&p, name)) {
		const struct r_rule *r;
		struct r_table t;

		if (r_table_parse(family, text, name, &t))
			return false;
		r = first_unsupported(&t);
		done = r || (!strcmp(name, "nat") && t.nrule);
		if (done && !strcmp(name, "nat"))
			ok = !strcmp(n->table, "nat");
		else if (done)
			ok = !strcmp(n->table, name) && n->rule == r->number &&
			     !strcmp(n->chain, t.chain[r->chain].name);
		if (done && !ok)
			printf("# expected: %s %s\n", name, r ? r->text : "(any)");
		r_table_free(&t);
	}
	return ok;
}

static bool all_supported(int family, const char *text)
{
	const char *p = text;
	char name[32];
	bool ok = true;

	while (ok && next_table(&p, name)) {
		struct r_table t;

		if (r_table_parse(family, text, name, &t))
			return false;
		ok = !first_unsupported(&t);
		r_table_free(&t);
	}
	return ok;
}

enum whole_result whole_try(struct side *s, const char *text)
{
	int family = s->topo.family;
	char *none[] = { NULL };
	enum whole_result res;
	struct named n = { 0 };
	struct run r;

	side_client(s, client_name(family, "-restore"), none, text, &r);
	if (!r.status) {
		res = all_supported(family, text) ? WHOLE_ACCEPTED : WHOLE_WRONG;
		printf("# whole: accepted%s\n",
		       res == WHOLE_WRONG ? ", which it should not be" : "");
	} else if (!find_named(r.err, &n)) {
		res = WHOLE_WRONG;
		printf("# whole: status %d, no rule named: %s\n", r.status, r.err);
	} else {
		res = as_expected(family, text, &n) ? WHOLE_REFUSED : WHOLE_WRONG;
		printf("# whole: refused, naming %s %s rule %u%s\n", n.table, n.chain, n.rule,
		       res == WHOLE_WRONG ? ", which is not the first" : "");
		if (res == WHOLE_WRONG)
			printf("# %s\n", r.err);
	}
	if (!side_kernel_empty(s)) {
		printf("# the kernel's own ip_tables holds tables behind xtbpf\n");
		res = WHOLE_WRONG;
	}
	run_release(&r);
	return res;
}
