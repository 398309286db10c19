// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking up what a former helper left: pins say which generation is in force,
 * the store has its blobs. When the two do not fit, nothing is touched: what is
 * enforced stays enforced, and calls about it are refused until a person decides.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../cleanup.h"
#include "../enforce.h"
#include "../log.h"
#include "../paths.h"
#include "../store.h"

typedef struct xtbpf_blob blob_set[XTBPF_NFAMILY][XTBPF_NTABLE];

static void release_blobs(blob_set *blobs)
{
	for (int i = 0; i < XTBPF_NFAMILY * XTBPF_NTABLE; i++)
		xtbpf_blob_release(&(*blobs)[i / XTBPF_NTABLE][i % XTBPF_NTABLE]);
}

/* Moves the blob into a table of ns. */
static int take_table(struct xtbpf_ns *ns, struct xtbpf_blob *blob, unsigned int seq,
		      struct xtbpf_reason *why)
{
	_cleanup_table_ struct xtbpf_table *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->blob = *blob;
	memset(blob, 0, sizeof(*blob));
	t->seq = seq;
	err = xtbpf_ruleset_new(&t->blob, true, &t->rs, why);
	if (err)
		return err;
	if (seq >= ns->ntables)
		ns->ntables = seq + 1;
	ns->tables[t->blob.family][t->blob.table] = t;
	xtbpf_steal_ptr(&t);
	return 0;
}

static int take_tables(struct xtbpf_ns *ns, uint32_t gen, struct xtbpf_reason *why)
{
	__attribute__((cleanup(release_blobs))) blob_set blobs = { 0 };
	unsigned int seq[XTBPF_NFAMILY][XTBPF_NTABLE] = { 0 };
	int err = xtbpf_store_load(ns->ino, gen, blobs, seq);

	for (int i = 0; i < XTBPF_NFAMILY * XTBPF_NTABLE && !err; i++) {
		int f = i / XTBPF_NTABLE, id = i % XTBPF_NTABLE;

		if (blobs[f][id].entries)
			err = take_table(ns, &blobs[f][id], seq[f][id], why);
	}
	if (err)
		xtbpf_tables_release(ns);
	return err;
}

/* Other build or other options than what runs: same rules, new programs. The old ones do until then. */
static void make_fit(struct xtbpf_ns *ns, struct xtbpf_enforce *e)
{
	const struct xtbpf_ruleset *tables[XTBPF_NFAMILY][XTBPF_NTABLE] = { 0 };
	struct xtbpf_reason why = { .entry = -1 };

	for (int f = 0; f < XTBPF_NFAMILY; f++)
		for (int id = 0; id < XTBPF_NTABLE; id++)
			tables[f][id] = ns->tables[f][id] ? ns->tables[f][id]->rs : NULL;
	if (xtbpf_enforce_rebuild(e, tables, &why))
		xtbpf_log(XTBPF_ERR, "namespace %llu: programs stay as they are: %s",
			  (unsigned long long)ns->ino, why.text);
}

int xtbpf_ns_ready(struct xtbpf_ns *ns, struct xtbpf_reason *why)
{
	struct xtbpf_enforce *e;
	uint32_t gen;
	int err;

	if (ns->enforce)
		return 0;
	err = xtbpf_enforce_open(ns, &e, why);
	if (err) {
		if (!why->text[0])
			xtbpf_server_refuse(why, EOPNOTSUPP, "", "BPF maps cannot be set up: %s",
					    strerror(-err));
		why->ours = true;
		return -EOPNOTSUPP;
	}
	gen = xtbpf_enforce_generation(e);
	err = gen ? take_tables(ns, gen, why) : 0;
	if (!err) {
		make_fit(ns, e);
		ns->enforce = e;
		xtbpf_store_prune(ns->ino, gen);
		return 0;
	}
	xtbpf_enforce_leave(e);
	/* An empty table here would open what is closed now. */
	return xtbpf_server_refuse(
		why, EUCLEAN, "",
		"the rules in force (generation %u) cannot be read back from "
		"%s/ns/%llu (%s): they stay in force; to start over, stop xtbpfd, "
		"remove that directory and %s/%llu",
		gen, xtbpf_rundir(), (unsigned long long)ns->ino, strerror(-err), xtbpf_bpffs(),
		(unsigned long long)ns->ino);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) ? -1 : 0;
}

/* Nobody is in that namespace any more: only our links hold it, and they go with their pins. */
static void clean_away(uint64_t ino)
{
	char pins[4096];

	snprintf(pins, sizeof(pins), "%s/%llu", xtbpf_bpffs(), (unsigned long long)ino);
	if (nftw(pins, remove_one, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		xtbpf_log(XTBPF_WARN, "%s: %s", pins, strerror(errno));
	xtbpf_store_remove(ino);
	xtbpf_log(XTBPF_INFO, "namespace %llu is gone: its rules are removed",
		  (unsigned long long)ino);
}

/* The helper's own namespace counts as used: the helper uses it. */
static int find_namespace(uint64_t ino)
{
	struct stat st;

	if (!stat("/proc/self/ns/net", &st) && st.st_ino == ino) {
		int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

		return fd < 0 ? -errno : fd;
	}
	return xtbpf_ns_find_user(ino);
}

static int restore_one(uint64_t ino, void *arg)
{
	struct xtbpf_reason why = { .entry = -1 };
	_cleanup_fd_ int fd = find_namespace(ino);
	struct xtbpf_ns *ns;
	int err;

	(void)arg;
	if (fd == -ENOENT) {
		clean_away(ino);
		return 0;
	}
	err = fd < 0 ? fd : xtbpf_ns_get(fd, &ns);
	if (err) {
		xtbpf_log(XTBPF_ERR, "namespace %llu: %s", (unsigned long long)ino, strerror(-err));
		return 0;
	}
	if (xtbpf_ns_ready(ns, &why))
		xtbpf_log(XTBPF_ERR, "namespace %llu: %s", (unsigned long long)ino, why.text);
	return 0;
}

/* Pins without state, and state without pins: each is looked at once. */
static int each_pinned(int (*fn)(uint64_t ino, void *arg))
{
	_cleanup_dir_ DIR *d = opendir(xtbpf_bpffs());
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *end;
		unsigned long long ino = strtoull(e->d_name, &end, 10);

		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && !*end)
			fn(ino, NULL);
	}
	return 0;
}

int xtbpf_restore_all(void)
{
	int err = xtbpf_store_each(restore_one, NULL);

	return err ? err : each_pinned(restore_one);
}

void xtbpf_shutdown(void)
{
	for (struct xtbpf_ns *ns = xtbpf_ns_first(); ns; ns = ns->next) {
		if (ns->enforce)
			xtbpf_enforce_leave(ns->enforce);
		ns->enforce = NULL;
		xtbpf_tables_release(ns);
	}
}
