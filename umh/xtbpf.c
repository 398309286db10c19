// SPDX-License-Identifier: GPL-2.0-only
/* The xtbpf command: one table of subcommands. Exit status: 0, 1, 2 usage, 3 the system lacks something. */
#include <stdio.h>
#include <string.h>

#include "control.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", xtbpf_cmd_run,
	  "run [--] CMD...   run CMD; its iptables-legacy calls are served by xtbpf" },
	{ "status", xtbpf_cmd_status, "status [-j]       namespaces, tables, hooks, programs" },
	{ "why", xtbpf_cmd_why, "why [-j]          why the last change was refused" },
};
#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *to)
{
	fprintf(to,
		"usage: xtbpf COMMAND ...\n\n"
		"iptables rules, set by an unmodified iptables-legacy and enforced by BPF.\n\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  xtbpf %s\n", commands[i].help);
	fprintf(to, "\nExit status: CMD's for run; else 0 done, 1 no, 2 wrong usage,\n"
		    "3 the system lacks something, which is named.\n");
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		help(stdout);
		return 0;
	}
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (*name)
		fprintf(stderr, "xtbpf: there is no command \"%s\"\n\n", name);
	help(stderr);
	return 2;
}
