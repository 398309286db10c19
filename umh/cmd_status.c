// SPDX-License-Identifier: GPL-2.0-only
/* xtbpf status: what the helper serves and enforces. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "control.h"
#include "paths.h"
#include "print_status.h"

int xtbpf_ask_for(const char *what, bool all, json_object **answer)
{
	_cleanup_json_ json_object *question = json_object_new_object();
	json_object *error;
	int err;

	json_object_object_add(question, "do", json_object_new_string(what));
	if (all)
		json_object_object_add(question, "all", json_object_new_boolean(1));
	err = xtbpf_ask(question, answer);
	if (err == -ECONNREFUSED || err == -ENOENT) {
		fprintf(stderr,
			"xtbpf: no helper is running (nothing listens on %s). Start xtbpfd, or let "
			"\"xtbpf run -- COMMAND\" start it; rules already in force stay so.\n",
			xtbpf_socket_path());
		return 3;
	}
	if (err) {
		fprintf(stderr, "xtbpf: the helper at %s cannot be asked: %s%s\n",
			xtbpf_socket_path(), strerror(-err),
			err == -EACCES || err == -EPERM ? " (be root)" : "");
		return 3;
	}
	if (json_object_object_get_ex(*answer, "error", &error)) {
		fprintf(stderr, "xtbpf: the helper says: %s\n", json_object_get_string(error));
		return 3;
	}
	return 0;
}

int xtbpf_cmd_status(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	_cleanup_json_ json_object *answer = NULL;
	bool json = false;
	int c, status;

	optind = 1;
	while ((c = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (c == 'h') {
			puts("usage: xtbpf status [-j]\n\nShow the helper, its namespaces, their "
			     "tables and where these are enforced.\n  -j, --json   as JSON");
			return 0;
		}
		if (c != 'j')
			return 2;
		json = true;
	}
	if (optind < argc) {
		fprintf(stderr, "xtbpf status: unexpected \"%s\"\n", argv[optind]);
		return 2;
	}
	status = xtbpf_ask_for("status", false, &answer);
	if (status)
		return status;
	if (json)
		puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PRETTY));
	else
		xtbpf_print_status(answer);
	return 0;
}
