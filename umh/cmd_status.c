// SPDX-License-Identifier: GPL-2.0-only
/* xtbpf status: what the helper serves and enforces. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "control.h"
#include "paths.h"

static void print_value(json_object *v, int indent);

static const char *text_of(json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : "";
}

static json_object *list_of(json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_array)
		       ? v
		       : NULL;
}

static bool is_flat(json_object *v)
{
	return !json_object_is_type(v, json_type_object) &&
	       !json_object_is_type(v, json_type_array);
}

static void print_scalar(json_object *v)
{
	if (json_object_is_type(v, json_type_boolean))
		fputs(json_object_get_boolean(v) ? "yes" : "no", stdout);
	else if (json_object_is_type(v, json_type_double))
		printf("%.1f", json_object_get_double(v));
	else
		fputs(v ? json_object_get_string(v) : "-", stdout);
}

/* One line a record: "key value, key value". Nested things follow, indented. */
static void print_record(json_object *o, int indent)
{
	const char *sep = "";

	printf("%*s", indent, "");
	json_object_object_foreach(o, key, v)
	{
		if (is_flat(v)) {
			printf("%s%s ", sep, key);
			print_scalar(v);
			sep = ", ";
		}
	}
	puts("");
	json_object_object_foreach(o, key2, v2)
	{
		if (!is_flat(v2)) {
			printf("%*s%s:\n", indent + 2, "", key2);
			print_value(v2, indent + 4);
		}
	}
}

static void print_value(json_object *v, int indent)
{
	if (json_object_is_type(v, json_type_object)) {
		print_record(v, indent);
		return;
	}
	if (!json_object_is_type(v, json_type_array)) {
		printf("%*s", indent, "");
		print_scalar(v);
		puts("");
		return;
	}
	for (size_t i = 0; i < json_object_array_length(v); i++)
		print_value(json_object_array_get_idx(v, i), indent);
}

/* "ipv4 filter INPUT     netfilter, priority 0, program 12: 224 instructions, loaded in 31.2 ms" */
static void print_hook(json_object *hook)
{
	json_object *program, *ms;

	printf("    %s %-8s %-11s %s", text_of(hook, "family"), text_of(hook, "table"),
	       text_of(hook, "hook"), text_of(hook, "place"));
	if (*text_of(hook, "priority"))
		printf(", priority %s", text_of(hook, "priority"));
	if (!strcmp(text_of(hook, "attached"), "false"))
		fputs(", NOT ATTACHED", stdout);
	if (json_object_object_get_ex(hook, "program", &program)) {
		printf(", program %s: %s instructions", text_of(program, "id"),
		       text_of(program, "instructions"));
		if (json_object_object_get_ex(program, "load_ms", &ms))
			printf(", loaded in %.1f ms", json_object_get_double(ms));
	}
	puts("");
}

/* Hooks in lines of their own; the rest as it comes. */
static void print_enforce(json_object *enforce)
{
	json_object_object_foreach(enforce, key, v)
	{
		if (!strcmp(key, "generation") ||
		    (json_object_is_type(v, json_type_array) && !json_object_array_length(v)))
			continue;
		printf("  %s:%s", key, is_flat(v) ? " " : "\n");
		if (is_flat(v)) {
			print_scalar(v);
			puts("");
		} else if (!strcmp(key, "hooks") && json_object_is_type(v, json_type_array)) {
			for (size_t i = 0; i < json_object_array_length(v); i++)
				print_hook(json_object_array_get_idx(v, i));
		} else {
			print_value(v, 4);
		}
	}
}

static void print_namespace(json_object *ns)
{
	json_object *tables = list_of(ns, "tables"), *enforce;
	const char *name = text_of(ns, "name");

	printf("\nnamespace %s%s%s%s, generation %s\n", text_of(ns, "inode"), *name ? " (" : "",
	       name, *name ? ")" : "", text_of(ns, "generation"));
	for (size_t i = 0; tables && i < json_object_array_length(tables); i++) {
		json_object *t = json_object_array_get_idx(tables, i);

		printf("  IPv%s %s: %s rules in %s chains\n", text_of(t, "family"),
		       text_of(t, "table"), text_of(t, "rules"), text_of(t, "chains"));
	}
	if (json_object_object_get_ex(ns, "enforce", &enforce) &&
	    json_object_is_type(enforce, json_type_object))
		print_enforce(enforce);
}

static void print_status(json_object *o)
{
	json_object *transports = list_of(o, "transports"), *list = list_of(o, "namespaces");
	size_t n = list ? json_object_array_length(list) : 0;

	printf("xtbpfd %s, pid %s, attach %s, early drop %s\n", text_of(o, "version"),
	       text_of(o, "pid"), text_of(o, "attach"), text_of(o, "early"));
	printf("transports:");
	for (size_t i = 0; transports && i < json_object_array_length(transports); i++)
		printf(" %s", json_object_get_string(json_object_array_get_idx(transports, i)));
	printf("\nnamespaces: %zu\n", n);
	for (size_t i = 0; i < n; i++)
		print_namespace(json_object_array_get_idx(list, i));
}

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
		print_status(answer);
	return 0;
}
