// SPDX-License-Identifier: GPL-2.0-only
/* A rule in iptables-save's words; extensions through libxtables. */
/* libc first: its headers and the kernel's agree only in this order */
#include <arpa/inet.h>
#include <getopt.h>
#include <net/if.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <xtables.h>

#include "../cleanup.h"
#include "../ruletext.h"
#include "rule.h"

/* The revision looked for: the one in the blob, whatever this kernel has. */
static uint8_t wanted;

static int say_yes(const char *name, uint8_t revision, int option)
{
	return revision == wanted;
}

static void __attribute__((noreturn, format(printf, 2, 3)))
give_up(enum xtables_exittype status, const char *fmt, ...)
{
	fflush(stdout);
	_exit(1);
}

static void start_libxtables(enum xtbpf_family family)
{
	static struct option none[] = { XT_GETOPT_TABLEEND };
	static struct xtables_globals globals = {
		.program_name = "xtbpf",
		.program_version = "1",
		.orig_opts = none,
		.opts = none,
		.exit_err = give_up,
		.compat_rev = say_yes,
	};

	xtables_init_all(&globals, family == XTBPF_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

/* What knows this payload, or NULL. */
static const struct xtables_match *find_match(const struct xt_entry_match *m)
{
	const struct xtables_match *lib;

	if (strchr(m->u.user.name, '/')) /* becomes part of a file's name */
		return NULL;
	wanted = m->u.user.revision;
	lib = xtables_find_match(m->u.user.name, XTF_TRY_LOAD, NULL);
	return lib && lib->revision == wanted && m->u.match_size == sizeof(*m) + lib->size ? lib
											   : NULL;
}

static const struct xtables_target *find_target(const struct xt_entry_target *t)
{
	const struct xtables_target *lib;

	if (strchr(t->u.user.name, '/'))
		return NULL;
	wanted = t->u.user.revision;
	lib = xtables_find_target(t->u.user.name, XTF_TRY_LOAD);
	return lib && lib->revision == wanted && t->u.target_size == sizeof(*t) + lib->size ? lib
											    : NULL;
}

/* conntrack prints as state, CT as NOTRACK, when that is how it was written. */
static void print_match(const struct rule *rule, const struct xt_entry_match *m, bool libxtables,
			FILE *to)
{
	const struct xtables_match *lib = libxtables ? find_match(m) : NULL;

	fprintf(to, " -m %s", lib && lib->alias ? lib->alias(m) : m->u.user.name);
	fflush(to);
	if (lib && lib->save)
		lib->save(rule->entry, m);
	fflush(stdout);
}

static void print_matches(const struct rule *rule, bool libxtables, FILE *to)
{
	for (size_t at = rule->head; at + sizeof(struct xt_entry_match) <= rule->target;) {
		/* a copy: aligned, and with zeros behind it */
		_cleanup_free_ struct xt_entry_match *m = NULL;
		struct xt_entry_match head;

		memcpy(&head, rule->entry + at, sizeof(head));
		if (head.u.match_size < sizeof(head) || at + head.u.match_size > rule->target)
			return;
		m = calloc(1, head.u.match_size + 256u);
		if (!m)
			return;
		memcpy(m, rule->entry + at, head.u.match_size);
		m->u.user.name[sizeof(m->u.user.name) - 1] = '\0';
		print_match(rule, m, libxtables, to);
		at += head.u.match_size;
	}
}

static const char *verdict_name(int verdict)
{
	switch (verdict) {
	case -NF_ACCEPT - 1:
		return "ACCEPT";
	case -NF_DROP - 1:
		return "DROP";
	case -NF_QUEUE - 1:
		return "QUEUE";
	case XT_RETURN:
		return "RETURN";
	default:
		return NULL;
	}
}

/* The same bit in both families, at different places. */
static bool is_goto(const struct rule *rule)
{
	const struct ipt_entry *e = (const void *)rule->entry;
	const struct ip6t_entry *e6 = (const void *)rule->entry;

	return rule->family == XTBPF_IPV4 ? e->ip.flags & IPT_F_GOTO : e6->ipv6.flags & IP6T_F_GOTO;
}

static void print_target(const struct rule *rule, bool libxtables, FILE *to)
{
	_cleanup_free_ struct xt_entry_target *t = NULL;
	const struct xtables_target *lib;
	size_t size = rule->size - rule->target;
	int verdict;

	t = calloc(1, size + 256);
	if (!t)
		return;
	memcpy(t, rule->entry + rule->target, size);
	t->u.user.name[sizeof(t->u.user.name) - 1] = '\0';
	if (!t->u.user.name[0]) {
		memcpy(&verdict, t->data, sizeof(verdict));
		if (rule->jump[0])
			fprintf(to, " -%c %s", is_goto(rule) ? 'g' : 'j', rule->jump);
		else if (verdict_name(verdict))
			fprintf(to, " -j %s", verdict_name(verdict));
		return;
	}
	lib = libxtables ? find_target(t) : NULL;
	fprintf(to, " -j %s", lib && lib->alias ? lib->alias(t) : t->u.user.name);
	fflush(to);
	if (lib && lib->save)
		lib->save(rule->entry, t);
	fflush(stdout);
}

void xtbpf_rule_print(const struct rule *rule, bool libxtables, FILE *to)
{
	if (libxtables)
		start_libxtables(rule->family);
	fprintf(to, "-A %s", rule->chain);
	xtbpf_ip_text(rule->family, rule->entry, to);
	print_matches(rule, libxtables, to);
	print_target(rule, libxtables, to);
	fflush(to);
}
