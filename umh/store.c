// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blobs on disk: one file a table, one directory a generation. A directory is
 * filled under a temporary name and renamed when it is whole. Files are checked
 * before they are believed; the rules inside are checked by the translator.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "log.h"
#include "paths.h"

#define MAGIC "xtbpfblb"
#define VERSION 1
#define MAX_SIZE (512u << 20) /* XT_MAX_TABLE_SIZE */

/**
 * struct head - what a file starts with; then @size bytes of entries
 * @sum: FNV-1a of the rest of the head and of the entries
 */
struct head {
	char magic[8];
	uint64_t sum;
	uint32_t version;
	uint32_t family, table;
	uint32_t seq;
	uint32_t valid_hooks;
	uint32_t num_entries;
	uint32_t size;
	uint32_t hook_entry[XTBPF_NHOOK];
	uint32_t underflow[XTBPF_NHOOK];
	uint32_t pad;
};
_Static_assert(sizeof(struct head) == 88, "no hidden padding in a file");

static uint64_t fnv(uint64_t sum, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ p[i]) * 0x100000001b3ull;
	return sum;
}

static uint64_t checksum(const struct head *h, const void *entries)
{
	size_t from = offsetof(struct head, version);
	uint64_t sum = fnv(0xcbf29ce484222325ull, (const uint8_t *)h + from, sizeof(*h) - from);

	return fnv(sum, entries, h->size);
}

static void ns_dir(char path[PATH_MAX], uint64_t ino)
{
	snprintf(path, PATH_MAX, "%s/ns/%llu", xtbpf_rundir(), (unsigned long long)ino);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) ? -1 : 0;
}

static int remove_tree(const char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		return -errno;
	return 0;
}

static int write_all(int fd, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static int read_all(int fd, void *data, size_t n)
{
	uint8_t *p = data;

	while (n) {
		ssize_t done = read(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EUCLEAN;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static void file_name(char name[64], int family, int table)
{
	snprintf(name, 64, "%d.%s", family == XTBPF_IPV4 ? 4 : 6,
		 xtbpf_table_def((enum xtbpf_table_id)table)->name);
}

static int save_one(int dir, const struct xtbpf_blob *blob, unsigned int seq)
{
	struct head h = {
		.magic = MAGIC,
		.version = VERSION,
		.family = blob->family,
		.table = blob->table,
		.seq = seq,
		.valid_hooks = blob->valid_hooks,
		.num_entries = blob->num_entries,
		.size = blob->size,
	};
	_cleanup_fd_ int fd = -1;
	char name[64];
	int err;

	memcpy(h.hook_entry, blob->hook_entry, sizeof(h.hook_entry));
	memcpy(h.underflow, blob->underflow, sizeof(h.underflow));
	h.sum = checksum(&h, blob->entries);
	file_name(name, blob->family, blob->table);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, &h, sizeof(h));
	return err ? err : write_all(fd, blob->entries, blob->size);
}

static int save_all(int dir, const struct xtbpf_ns *ns, const struct xtbpf_blob *repl)
{
	int err = 0;

	for (int f = 0; f < XTBPF_NFAMILY && !err; f++) {
		for (int id = 0; id < XTBPF_NTABLE && !err; id++) {
			const struct xtbpf_table *t = ns->tables[f][id];
			unsigned int seq = t ? t->seq : ns->ntables;

			if (repl && (int)repl->family == f && (int)repl->table == id)
				err = save_one(dir, repl, seq);
			else if (t)
				err = save_one(dir, &t->blob, seq);
		}
	}
	return err;
}

static int make_dir(const char *path)
{
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int make_ns_dir(char path[PATH_MAX], uint64_t ino)
{
	int err;

	if (mkdir(xtbpf_rundir(), 0755) && errno != EEXIST)
		return -errno;
	snprintf(path, PATH_MAX, "%s/ns", xtbpf_rundir());
	err = make_dir(path);
	if (err)
		return err;
	ns_dir(path, ino);
	return make_dir(path);
}

int xtbpf_store_save(const struct xtbpf_ns *ns, uint32_t gen, const struct xtbpf_blob *repl)
{
	char top[PATH_MAX], tmp[PATH_MAX + 32], final[PATH_MAX + 32];
	_cleanup_fd_ int dir = -1;
	int err = make_ns_dir(top, ns->ino);

	if (err)
		return err;
	snprintf(tmp, sizeof(tmp), "%s/%u.tmp", top, gen);
	snprintf(final, sizeof(final), "%s/%u", top, gen);
	remove_tree(tmp);
	remove_tree(final); /* of a change that was given up */
	if (mkdir(tmp, 0700))
		return -errno;
	dir = open(tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = dir < 0 ? -errno : save_all(dir, ns, repl);
	if (!err && rename(tmp, final))
		err = -errno;
	if (err)
		remove_tree(tmp);
	return err;
}

/* Is the head one we wrote for this table, and does the file have the size it says? */
static bool head_good(const struct head *h, int family, int table, off_t file)
{
	uint32_t valid = xtbpf_table_def((enum xtbpf_table_id)table)->valid_hooks;

	return !memcmp(h->magic, MAGIC, sizeof(h->magic)) && h->version == VERSION &&
	       h->family == (uint32_t)family && h->table == (uint32_t)table &&
	       h->valid_hooks == valid && h->size && h->size < MAX_SIZE && h->num_entries &&
	       h->num_entries <= h->size / 112 && file == (off_t)(sizeof(*h) + h->size);
}

static int load_one(int dir, int family, int table, struct xtbpf_blob *out, unsigned int *seq)
{
	_cleanup_free_ void *entries = NULL;
	_cleanup_fd_ int fd = -1;
	struct stat st;
	struct head h;
	char name[64];
	int err;

	file_name(name, family, table);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	err = read_all(fd, &h, sizeof(h));
	if (err)
		return err;
	if (!S_ISREG(st.st_mode) || !head_good(&h, family, table, st.st_size))
		return -EUCLEAN;
	entries = malloc(h.size);
	if (!entries)
		return -ENOMEM;
	err = read_all(fd, entries, h.size);
	if (err)
		return err;
	if (checksum(&h, entries) != h.sum)
		return -EUCLEAN;
	*out = (struct xtbpf_blob){
		.family = family,
		.table = table,
		.valid_hooks = h.valid_hooks,
		.num_entries = h.num_entries,
		.size = h.size,
		.entries = xtbpf_steal_ptr(&entries),
	};
	memcpy(out->hook_entry, h.hook_entry, sizeof(h.hook_entry));
	memcpy(out->underflow, h.underflow, sizeof(h.underflow));
	*seq = h.seq;
	return 0;
}

int xtbpf_store_load(uint64_t ino, uint32_t gen, struct xtbpf_blob out[XTBPF_NFAMILY][XTBPF_NTABLE],
		     unsigned int seq[XTBPF_NFAMILY][XTBPF_NTABLE])
{
	struct xtbpf_blob blobs[XTBPF_NFAMILY][XTBPF_NTABLE] = { 0 };
	unsigned int seqs[XTBPF_NFAMILY][XTBPF_NTABLE] = { 0 };
	char top[PATH_MAX], path[PATH_MAX + 32];
	_cleanup_fd_ int dir = -1;
	int err = 0;

	ns_dir(top, ino);
	snprintf(path, sizeof(path), "%s/%u", top, gen);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	for (int i = 0; i < XTBPF_NFAMILY * XTBPF_NTABLE && !err; i++) {
		int f = i / XTBPF_NTABLE, id = i % XTBPF_NTABLE;

		err = load_one(dir, f, id, &blobs[f][id], &seqs[f][id]);
		if (err == -ENOENT)
			err = 0;
		else if (err)
			xtbpf_log(XTBPF_ERR, "%s: the IPv%d %s table cannot be read back: %s", path,
				  f == XTBPF_IPV4 ? 4 : 6,
				  xtbpf_table_def((enum xtbpf_table_id)id)->name, strerror(-err));
	}
	if (err) {
		for (int i = 0; i < XTBPF_NFAMILY * XTBPF_NTABLE; i++)
			xtbpf_blob_release(&blobs[i / XTBPF_NTABLE][i % XTBPF_NTABLE]);
		return err;
	}
	memcpy(out, blobs, sizeof(blobs));
	memcpy(seq, seqs, sizeof(seqs));
	return 0;
}

void xtbpf_store_prune(uint64_t ino, uint32_t gen)
{
	char top[PATH_MAX], path[PATH_MAX + NAME_MAX + 2], keep[16];
	_cleanup_dir_ DIR *d = NULL;
	struct dirent *e;

	ns_dir(top, ino);
	snprintf(keep, sizeof(keep), "%u", gen);
	d = opendir(top);
	if (!d)
		return;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || !strcmp(e->d_name, keep))
			continue;
		snprintf(path, sizeof(path), "%s/%s", top, e->d_name);
		remove_tree(path);
	}
}

void xtbpf_store_remove(uint64_t ino)
{
	char top[PATH_MAX];

	ns_dir(top, ino);
	remove_tree(top);
}

int xtbpf_store_each(int (*fn)(uint64_t ino, void *arg), void *arg)
{
	char path[PATH_MAX];
	_cleanup_dir_ DIR *d = NULL;
	struct dirent *e;
	int err = 0;

	snprintf(path, sizeof(path), "%s/ns", xtbpf_rundir());
	d = opendir(path);
	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (!err && (e = readdir(d))) {
		char *end;
		unsigned long long ino = strtoull(e->d_name, &end, 10);

		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && !*end)
			err = fn(ino, arg);
	}
	return err;
}
