// SPDX-License-Identifier: GPL-2.0-only
/* The helper's answers to `xtbpf status` and `xtbpf why`. */
#include "control.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "../translator/ruleset.h"
#include "cleanup.h"
#include "enforce.h"
#include "paths.h"
#include "transport/module.h"

#define NETNS_DIR "/run/netns"

static void add_string(json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void add_int(json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

/* What ip-netns calls it, if it does; name[0] = 0 otherwise. */
static void find_name(const struct xtbpf_ns *ns, char name[NAME_MAX + 1])
{
	_cleanup_dir_ DIR *d = opendir(NETNS_DIR);
	char path[sizeof(NETNS_DIR) + NAME_MAX + 2];
	struct stat ours, st;
	struct dirent *e;

	name[0] = '\0';
	if (!d || fstat(ns->fd, &ours))
		return;
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, e->d_name);
		if (!stat(path, &st) && st.st_ino == ours.st_ino && st.st_dev == ours.st_dev) {
			strcpy(name, e->d_name);
			return;
		}
	}
}

static json_object *describe_table(const struct xtbpf_table *t)
{
	json_object *o = json_object_new_object();
	unsigned int rules = 0;

	for (unsigned int i = 0; i < t->rs->nrules; i++)
		rules += t->rs->rules[i].number != 0;
	add_int(o, "family", t->blob.family == XTBPF_IPV4 ? 4 : 6);
	add_string(o, "table", xtbpf_table_def(t->blob.table)->name);
	add_int(o, "rules", rules);
	add_int(o, "chains", t->rs->nchains);
	add_int(o, "bytes", t->blob.size);
	return o;
}

static void add_namespace(json_object *o, const struct xtbpf_ns *ns)
{
	char name[NAME_MAX + 1];

	add_int(o, "inode", (int64_t)ns->ino);
	find_name(ns, name);
	if (name[0])
		add_string(o, "name", name);
}

static json_object *describe_namespace(const struct xtbpf_ns *ns)
{
	json_object *o = json_object_new_object(), *tables = json_object_new_array();

	add_namespace(o, ns);
	for (int f = 0; f < XTBPF_NFAMILY; f++) {
		for (int id = 0; id < XTBPF_NTABLE; id++) {
			if (ns->tables[f][id])
				json_object_array_add(tables, describe_table(ns->tables[f][id]));
		}
	}
	json_object_object_add(o, "tables", tables);
	if (ns->enforce) {
		add_int(o, "generation", xtbpf_enforce_generation(ns->enforce));
		json_object_object_add(o, "enforce", xtbpf_enforce_status(ns->enforce));
	}
	return o;
}

static json_object *answer_status(void)
{
	static const char *const attach[] = {
		[XTBPF_ATTACH_AUTO] = "auto",
		[XTBPF_ATTACH_NETFILTER] = "netfilter",
		[XTBPF_ATTACH_TC] = "tc",
	};
	static const char *const early[] = {
		[XTBPF_EARLY_AUTO] = "auto",
		[XTBPF_EARLY_OFF] = "off",
		[XTBPF_EARLY_XDP] = "xdp",
		[XTBPF_EARLY_TC] = "tc",
	};
	json_object *o = json_object_new_object(), *list = json_object_new_array();
	json_object *transports = json_object_new_array();
	const struct xtbpf_env *env = xtbpf_env();

	json_object_array_add(transports, json_object_new_string("seccomp"));
	if (xtbpf_kmod_active())
		json_object_array_add(transports, json_object_new_string("kmod"));
	add_string(o, "version", XTBPF_VERSION);
	add_int(o, "pid", getpid());
	json_object_object_add(o, "transports", transports);
	add_string(o, "attach", attach[env->attach]);
	add_string(o, "early", early[env->early]);
	json_object_object_add(o, "netfilter_links", json_object_new_boolean(env->netfilter_links));
	add_string(o, "rundir", xtbpf_rundir());
	add_string(o, "bpffs", xtbpf_bpffs());
	for (const struct xtbpf_ns *ns = xtbpf_ns_first(); ns; ns = ns->next)
		json_object_array_add(list, describe_namespace(ns));
	json_object_object_add(o, "namespaces", list);
	return o;
}

static json_object *describe_refusal(const struct xtbpf_ns *ns)
{
	json_object *o = json_object_new_object();

	add_namespace(o, ns);
	add_string(o, "table", ns->why.table);
	add_string(o, "chain", ns->why.chain);
	add_int(o, "rule", ns->why.rule);
	add_string(o, "extension", ns->why.extension);
	add_string(o, "reason", ns->why.text);
	add_int(o, "errno", ns->why.err);
	json_object_object_add(o, "kernel_too", json_object_new_boolean(!ns->why.ours));
	add_string(o, "text", ns->why_text);
	return o;
}

/* Of the asker's namespace, or of all when it is unknown or all are wanted. */
static json_object *answer_why(json_object *question, int peer_netns)
{
	json_object *o = json_object_new_object(), *list = json_object_new_array(), *all = NULL;
	struct stat st;
	bool every = peer_netns < 0 || fstat(peer_netns, &st);

	if (json_object_object_get_ex(question, "all", &all) && json_object_get_boolean(all))
		every = true;
	for (const struct xtbpf_ns *ns = xtbpf_ns_first(); ns; ns = ns->next) {
		if (ns->why_text && (every || ns->ino == st.st_ino))
			json_object_array_add(list, describe_refusal(ns));
	}
	json_object_object_add(o, "refusals", list);
	return o;
}

json_object *xtbpf_control(json_object *question, int peer_netns)
{
	const char *what = "";
	json_object *o;

	if (json_object_is_type(question, json_type_object) &&
	    json_object_object_get_ex(question, "do", &o) &&
	    json_object_is_type(o, json_type_string))
		what = json_object_get_string(o);
	if (!strcmp(what, "status"))
		return answer_status();
	if (!strcmp(what, "why"))
		return answer_why(question, peer_netns);
	o = json_object_new_object();
	add_string(o, "error", "unknown question");
	return o;
}
