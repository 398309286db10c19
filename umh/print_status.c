// SPDX-License-Identifier: GPL-2.0-only
#include "print_status.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static json_object *get(json_object *o, const char *key)
{
	json_object *v = NULL;

	json_object_object_get_ex(o, key, &v);
	return v;
}

static const char *text(json_object *o, const char *key)
{
	json_object *v = get(o, key);

	return v ? json_object_get_string(v) : "";
}

static size_t count(json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static bool is(json_object *o, const char *key, const char *value)
{
	return !strcmp(text(o, key), value);
}

static void print_program(json_object *program)
{
	if (program)
		printf(", program %s: %s instructions, loaded in %.1f ms", text(program, "id"),
		       text(program, "instructions"),
		       json_object_get_double(get(program, "load_us")) / 1000);
}

/* "  ipv4 filter INPUT  decided at netfilter, priority 0, program 12: 224 instructions, ..." */
static void print_hook(json_object *hook)
{
	printf("    %s %-8s %-11s at %s", text(hook, "family"), text(hook, "table"),
	       text(hook, "hook"), text(hook, "place"));
	if (get(hook, "priority"))
		printf(", priority %s", text(hook, "priority"));
	if (is(hook, "attached", "false"))
		fputs(", NOT ATTACHED", stdout);
	print_program(get(hook, "program"));
	puts("");
}

static void print_early_family(json_object *early, const char *family)
{
	json_object *f = get(early, family);
	static const char *const kind[] = { "xdp", "tc" };

	if (!f)
		return;
	printf("    %s: %s", family, text(f, "state"));
	if (get(f, "reason"))
		printf(" (%s)", text(f, "reason"));
	for (size_t i = 0; i < 2; i++) {
		json_object *p = get(f, kind[i]);

		if (!p)
			continue;
		printf("; %s", kind[i]);
		print_program(p);
	}
	puts("");
}

static void print_early(json_object *early)
{
	if (!early || (!get(early, "ipv4") && !get(early, "ipv6")))
		return;
	printf("  early drop: %s packets at XDP, %s at TC\n", text(early, "xdp_drops"),
	       text(early, "tc_drops"));
	print_early_family(early, "ipv4");
	print_early_family(early, "ipv6");
}

static void print_device(json_object *dev)
{
	json_object *gates = get(dev, "gates");

	printf("    %s", text(dev, "name"));
	for (size_t i = 0; i < count(gates); i++) {
		json_object *g = json_object_array_get_idx(gates, i);

		printf("%s %s %s: %s", i ? "," : "", text(g, "link"), text(g, "direction"),
		       text(g, "role"));
	}
	if (get(dev, "note"))
		printf("%s %s", count(gates) ? ";" : "", text(dev, "note"));
	puts("");
}

static void print_list(json_object *o, const char *key, const char *title,
		       void (*print)(json_object *))
{
	json_object *list = get(o, key);

	if (count(list))
		printf("  %s:\n", title);
	for (size_t i = 0; i < count(list); i++)
		print(json_object_array_get_idx(list, i));
}

static void print_line(json_object *line)
{
	printf("    %s\n", json_object_get_string(line));
}

static void print_table(json_object *t)
{
	printf("    IPv%s %s: %s rules in %s chains\n", text(t, "family"), text(t, "table"),
	       text(t, "rules"), text(t, "chains"));
}

static bool has_gates(json_object *dev)
{
	return count(get(dev, "gates")) || get(dev, "note");
}

static void print_device_if_used(json_object *dev)
{
	if (has_gates(dev))
		print_device(dev);
}

static void print_namespace(json_object *ns)
{
	const char *name = text(ns, "name");
	json_object *enforce = get(ns, "enforce");

	printf("\nnamespace %s%s%s%s, generation %s\n", text(ns, "inode"), *name ? " (" : "", name,
	       *name ? ")" : "", text(ns, "generation"));
	print_list(ns, "tables", "tables", print_table);
	if (!json_object_is_type(enforce, json_type_object))
		return;
	print_list(enforce, "hooks", "chains", print_hook);
	print_early(get(enforce, "early"));
	print_list(enforce, "devices", "devices", print_device_if_used);
	print_list(enforce, "inexact", "not exact", print_line);
	print_list(enforce, "notes", "notes", print_line);
}

void xtbpf_print_status(json_object *status)
{
	json_object *transports = get(status, "transports"), *list = get(status, "namespaces");

	printf("xtbpfd %s, pid %s, attach %s, early drop %s\n", text(status, "version"),
	       text(status, "pid"), text(status, "attach"), text(status, "early"));
	printf("transports:");
	for (size_t i = 0; i < count(transports); i++)
		printf(" %s", json_object_get_string(json_object_array_get_idx(transports, i)));
	printf("\nnamespaces: %zu\n", count(list));
	for (size_t i = 0; i < count(list); i++)
		print_namespace(json_object_array_get_idx(list, i));
}
