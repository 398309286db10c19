/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/extension.h"

#define MAX_WORDS 128

static const char *const known_targets[] = { "ACCEPT", "DROP", "RETURN" };
static const char *const hook_names[] = { "PREROUTING", "INPUT", "FORWARD", "OUTPUT",
					  "POSTROUTING" };

static bool in_list(const char *w, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(w, list[i]))
			return true;
	return false;
}

/* Matches whose options we read. */
static bool aimed(const char *match)
{
	static const char *const names[] = {
		"tcp", "udp", "icmp", "icmp6", "multiport", "comment"
	};

	return in_list(match, names, sizeof(names) / sizeof(*names));
}

/* Does the translator have the match, in some revision? */
static bool served(int family, const char *match)
{
	const struct xtbpf_match_ops *ops;
	bool any = false;

	for (uint8_t revision = 0; revision < 8 && !any; revision++)
		any = !xtbpf_match_find(family == 6 ? XTBPF_IPV6 : XTBPF_IPV4, match, revision,
					&ops);
	return any;
}

/* Split in place at blanks; "..." with backslashes is one word. */
static int split(char *s, char **words)
{
	int n = 0;

	while (*s && n < MAX_WORDS) {
		char *to;

		while (*s == ' ')
			s++;
		if (!*s)
			break;
		words[n++] = to = s;
		if (*s == '"') {
			for (s++; *s && *s != '"'; s++) {
				if (*s == '\\' && s[1])
					s++;
				*to++ = *s;
			}
			if (*s)
				s++;
		} else {
			while (*s && *s != ' ')
				*to++ = *s++;
		}
		if (*s)
			s++;
		*to = 0;
	}
	return n;
}

static void prefix_mask(uint8_t *m, unsigned int bits)
{
	memset(m, 0, 16);
	for (unsigned int i = 0; i < bits && i < 128; i++)
		m[i / 8] |= 0x80 >> (i % 8);
}

static void parse_addr(int family, const char *w, bool neg, struct r_addr *out)
{
	char buf[96];
	char *slash;

	snprintf(buf, sizeof(buf), "%s", w);
	slash = strchr(buf, '/');
	prefix_mask(out->m, family == 4 ? 32 : 128);
	if (slash) {
		*slash++ = 0;
		if (strpbrk(slash, ".:"))
			inet_pton(family == 4 ? AF_INET : AF_INET6, slash, out->m);
		else
			prefix_mask(out->m, (unsigned int)atoi(slash));
	}
	if (inet_pton(family == 4 ? AF_INET : AF_INET6, buf, out->a) != 1)
		return;
	out->set = true;
	out->neg = neg;
}

static void parse_ports(const char *w, bool neg, struct r_ports *out)
{
	char buf[256];
	char *save = NULL;

	snprintf(buf, sizeof(buf), "%s", w);
	out->neg = neg;
	out->n = 0;
	for (char *p = strtok_r(buf, ",", &save); p && out->n < 16;
	     p = strtok_r(NULL, ",", &save)) {
		char *colon = strchr(p, ':');
		long lo = strtol(p, NULL, 10), hi = colon ? strtol(colon + 1, NULL, 10) : lo;

		if (colon && !colon[1])
			hi = 65535;
		out->r[out->n].lo = (uint16_t)lo;
		out->r[out->n++].hi = (uint16_t)hi;
	}
}

static uint8_t parse_flags(const char *w)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG" };
	uint8_t v = 0;

	if (!strcmp(w, "ALL"))
		return 0x3f;
	for (unsigned int i = 0; i < 6; i++)
		if (strstr(w, names[i]))
			v |= (uint8_t)(1 << i);
	return v;
}

static int parse_proto(const char *w)
{
	struct protoent *p;

	if (w[0] >= '0' && w[0] <= '9')
		return atoi(w);
	if (!strcmp(w, "all"))
		return 0;
	if (!strcmp(w, "icmpv6") || !strcmp(w, "ipv6-icmp"))
		return 58;
	if (!strcmp(w, "mobility-header") || !strcmp(w, "ipv6-mh"))
		return 135;
	p = getprotobyname(w);
	return p ? p->p_proto : 255;
}

static void parse_icmp(const char *w, bool neg, struct r_rule *r)
{
	const char *slash = strchr(w, '/');

	r->icmp_neg = neg;
	r->icmp_type = strcmp(w, "any") ? atoi(w) : 255;
	r->icmp_code = slash ? atoi(slash + 1) : -1;
}

static void refuse(struct r_rule *r, const char *what)
{
	if (!r->unsupported[0])
		snprintf(r->unsupported, sizeof(r->unsupported), "%s", what);
}

static void set_iface(struct r_iface *i, const char *w, bool neg)
{
	snprintf(i->name, sizeof(i->name), "%s", w);
	i->set = true;
	i->neg = neg;
}

/* One option with its argument; returns how many words it took beside itself, -1: unknown. */
static int parse_option(int family, struct r_rule *r, char **w, int left, bool neg)
{
	const char *o = w[0], *a = left > 1 ? w[1] : "";

	if (!strcmp(o, "-s"))
		parse_addr(family, a, neg, &r->src);
	else if (!strcmp(o, "-d"))
		parse_addr(family, a, neg, &r->dst);
	else if (!strcmp(o, "-i"))
		set_iface(&r->in, a, neg);
	else if (!strcmp(o, "-o"))
		set_iface(&r->out, a, neg);
	else if (!strcmp(o, "-p")) {
		r->proto = parse_proto(a);
		r->proto_neg = neg;
	} else if (!strcmp(o, "--sport") || !strcmp(o, "--sports"))
		parse_ports(a, neg, &r->sport);
	else if (!strcmp(o, "--dport") || !strcmp(o, "--dports"))
		parse_ports(a, neg, &r->dport);
	else if (!strcmp(o, "--ports"))
		parse_ports(a, neg, &r->ports);
	else if (!strcmp(o, "--tcp-option"))
		r->tcp_option = atoi(a);
	else if (!strcmp(o, "--icmp-type") || !strcmp(o, "--icmpv6-type"))
		parse_icmp(a, neg, r);
	else if (!strcmp(o, "--tcp-flags") && left > 2) {
		r->tcp_mask = parse_flags(a);
		r->tcp_cmp = parse_flags(w[2]);
		r->tcp_neg = neg;
		return 2;
	} else if (!strcmp(o, "--comment"))
		return 1;
	else if (!strcmp(o, "-m")) {
		if (!served(family, a))
			refuse(r, a);
	} else if (!strcmp(o, "-j") || !strcmp(o, "-g")) {
		snprintf(r->target, sizeof(r->target), "%s", a);
	} else if (!strcmp(o, "-f")) {
		r->frag = true;
		r->frag_neg = neg;
		return 0;
	} else {
		return -1;
	}
	return 1;
}

/* Options of matches that packets are not aimed at: over their values. */
static int skip_values(char **w, int i, int n)
{
	while (i + 1 < n && w[i + 1][0] != '-' && w[i + 1][0] != '!')
		i++;
	return i;
}

static void parse_rule(int family, struct r_rule *r, char **w, int n)
{
	bool other = false;

	r->proto = r->tcp_option = r->icmp_type = r->icmp_code = r->to = -1;
	for (int i = 2; i < n; i++) {
		bool neg = !strcmp(w[i], "!");
		int took;

		if (neg && ++i >= n)
			break;
		took = parse_option(family, r, w + i, n - i, neg);
		other |= !strcmp(w[i], "-m") && i + 1 < n && !aimed(w[i + 1]);
		if (took >= 0)
			i += took;
		else if (other && !r->target[0])
			i = skip_values(w, i, n);
		else
			refuse(r, w[i]);
	}
}

static int find_chain(const struct r_table *t, const char *name)
{
	for (unsigned int i = 0; i < t->nchain; i++)
		if (!strcmp(t->chain[i].name, name))
			return (int)i;
	return -1;
}

static int add_chain(struct r_table *t, char **w, int n)
{
	struct r_chain *c = reallocarray(t->chain, t->nchain + 1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	t->chain = c;
	c += t->nchain++;
	*c = (struct r_chain){ .hook = -1 };
	snprintf(c->name, sizeof(c->name), "%s", w[0] + 1);
	snprintf(c->policy, sizeof(c->policy), "%s", n > 1 ? w[1] : "-");
	for (int h = 0; h < 5 && c->policy[0] != '-'; h++)
		if (!strcmp(hook_names[h], c->name))
			c->hook = h;
	return 0;
}

static int add_rule(struct r_table *t, const char *line, char **w, int n)
{
	struct r_rule *r = reallocarray(t->rule, t->nrule + 1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	t->rule = r;
	r += t->nrule;
	*r = (struct r_rule){ .text = strdup(line) };
	if (!r->text)
		return -ENOMEM;
	parse_rule(t->family, r, w, n);
	r->chain = find_chain(t, w[1]);
	r->number = 1;
	for (unsigned int i = 0; i < t->nrule; i++)
		r->number += t->rule[i].chain == r->chain;
	t->nrule++;
	return 0;
}

static void resolve_targets(struct r_table *t)
{
	for (unsigned int i = 0; i < t->nrule; i++) {
		struct r_rule *r = &t->rule[i];

		if (!r->target[0] || in_list(r->target, known_targets,
					     sizeof(known_targets) / sizeof(*known_targets)))
			continue;
		r->to = find_chain(t, r->target);
		if (r->to < 0)
			refuse(r, r->target);
	}
}

int r_table_parse(int family, const char *text, const char *name, struct r_table *out)
{
	struct r_table t = { .family = family };
	char *copy = strdup(text), *save = NULL, *w[MAX_WORDS];
	bool inside = false;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	snprintf(t.name, sizeof(t.name), "%s", name);
	for (char *l = strtok_r(copy, "\n", &save); l && !err; l = strtok_r(NULL, "\n", &save)) {
		char *line = strdup(l);
		int n;

		if (!line) {
			err = -ENOMEM;
			break;
		}
		if (*l == '*')
			inside = !strcmp(l + 1, name);
		else if (inside && *l == ':' && (n = split(l, w)) > 0)
			err = add_chain(&t, w, n);
		else if (inside && !strncmp(l, "-A ", 3) && (n = split(l, w)) > 1)
			err = add_rule(&t, line, w, n);
		free(line);
	}
	free(copy);
	resolve_targets(&t);
	if (!err && !t.nchain)
		err = -ENOENT;
	if (err)
		r_table_free(&t);
	else
		*out = t;
	return err;
}

void r_table_free(struct r_table *t)
{
	for (unsigned int i = 0; i < t->nrule; i++)
		free(t->rule[i].text);
	free(t->rule);
	free(t->chain);
	*t = (struct r_table){ 0 };
}

static void put_table(FILE *f, const struct r_table *t, unsigned int *kept, unsigned int *dropped)
{
	fprintf(f, "*%s\n", t->name);
	for (unsigned int i = 0; i < t->nchain; i++)
		fprintf(f, ":%s %s [0:0]\n", t->chain[i].name, t->chain[i].policy);
	for (unsigned int i = 0; i < t->nrule; i++) {
		if (t->rule[i].unsupported[0]) {
			++*dropped;
			continue;
		}
		++*kept;
		fprintf(f, "%s\n", t->rule[i].text);
	}
	fprintf(f, "COMMIT\n");
}

char *r_reduce(int family, const char *text, bool filter_only, unsigned int *kept,
	       unsigned int *dropped)
{
	static const char *const tables[] = { "raw", "mangle", "filter", "security", "nat" };
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	*kept = *dropped = 0;
	if (!f)
		return NULL;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct r_table t;

		if (r_table_parse(family, text, tables[i], &t))
			continue;
		if (!strcmp(t.name, "filter") || (!filter_only && strcmp(t.name, "nat")))
			put_table(f, &t, kept, dropped);
		else
			*dropped += t.nrule;
		r_table_free(&t);
	}
	fclose(f);
	return out;
}
