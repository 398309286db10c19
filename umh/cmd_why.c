// SPDX-License-Identifier: GPL-2.0-only
/* xtbpf why: the last refusal, for those who only saw "line 12 failed". */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "control.h"

static const char *text_of(json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : "";
}

static void print_refusal(json_object *r, bool all)
{
	json_object *rule;
	const char *name = text_of(r, "name");

	if (all)
		printf("namespace %s%s%s%s\n", text_of(r, "inode"), *name ? " (" : "", name,
		       *name ? ")" : "");
	printf("%s\n", text_of(r, "text"));
	printf("  table     %s\n", text_of(r, "table"));
	if (*text_of(r, "chain"))
		printf("  chain     %s\n", text_of(r, "chain"));
	if (json_object_object_get_ex(r, "rule", &rule) && json_object_get_int(rule) > 0)
		printf("  rule      %d\n", json_object_get_int(rule));
	if (*text_of(r, "extension"))
		printf("  extension %s\n", text_of(r, "extension"));
	printf("  why       %s\n", text_of(r, "reason"));
}

int xtbpf_cmd_why(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
						 { "all", no_argument, NULL, 'a' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	_cleanup_json_ json_object *answer = NULL;
	bool json = false, all = false;
	json_object *list;
	size_t n;
	int c, status;

	optind = 1;
	while ((c = getopt_long(argc, argv, "jah", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'a':
			all = true;
			break;
		case 'h':
			puts("usage: xtbpf why [-a] [-j]\n\nSay why the last change in this "
			     "network "
			     "namespace was refused.\n  -a, --all    in all namespaces\n"
			     "  -j, --json   as JSON");
			return 0;
		default:
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "xtbpf why: unexpected \"%s\"\n", argv[optind]);
		return 2;
	}
	status = xtbpf_ask_for("why", all, &answer);
	if (status)
		return status;
	if (json) {
		puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PRETTY));
		return 0;
	}
	if (!json_object_object_get_ex(answer, "refusals", &list) ||
	    !json_object_is_type(list, json_type_array))
		return 3;
	n = json_object_array_length(list);
	if (!n)
		puts("nothing was refused since the helper started");
	for (size_t i = 0; i < n; i++)
		print_refusal(json_object_array_get_idx(list, i), all);
	return 0;
}
