/* SPDX-License-Identifier: GPL-2.0-only */
/* Names in bpffs: what must outlive the helper. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "../cleanup.h"
#include "../log.h"
#include "../paths.h"
#include "internal.h"

static bool is_bpffs(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && st.f_type == BPF_FS_MAGIC;
}

static bool is_empty(const char *path)
{
	_cleanup_dir_ DIR *dir = opendir(path);
	struct dirent *d;

	if (!dir)
		return false;
	while ((d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			return false;
	return true;
}

static int make_dir(const char *path)
{
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int err;

		*p = '\0';
		err = make_dir(path);
		*p = '/';
		if (err && err != -EROFS && err != -EPERM && err != -EACCES)
			return err;
	}
	return 0;
}

/*
 * The usual place is a directory in /sys/fs/bpf, where a bpffs belongs. Nothing
 * is mounted over a directory that holds other people's files.
 */
static int bpffs_ready(void)
{
	const char *path = xtbpf_bpffs();
	_cleanup_free_ char *parent = strdup(path);
	const char *at = path;
	char *slash;
	int err;

	if (!parent)
		return -ENOMEM;
	if (is_bpffs(path))
		return 0;
	slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return -EINVAL;
	err = make_parents(parent);
	if (err)
		return err;
	*slash = '\0';
	err = make_dir(parent);
	if (err && err != -EPERM)
		return err;
	if (is_bpffs(parent))
		return make_dir(path);
	if (is_empty(parent)) {
		at = parent;
	} else {
		err = make_dir(path);
		if (err)
			return err;
	}
	if (mount("bpf", at, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return -errno;
	return make_dir(path);
}

/* 1 when the directory was there, 0 when it is new, -ENOENT when it is not and create is false. */
int pins_dir(struct xtbpf_enforce *e, bool create)
{
	int n = snprintf(e->dir, sizeof(e->dir), "%s/%llu", xtbpf_bpffs(),
			 (unsigned long long)e->ns->ino);
	struct stat st;
	int err;

	if (n < 0 || (size_t)n >= sizeof(e->dir))
		return -ENAMETOOLONG;
	if (stat(e->dir, &st) == 0)
		return 1;
	if (!create)
		return -ENOENT;
	err = bpffs_ready();
	if (err)
		return err;
	if (stat(e->dir, &st) == 0)
		return 1;
	return make_dir(e->dir);
}

static void pin_path(const struct xtbpf_enforce *e, const char *name, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/%s", e->dir, name);
}

int pins_set(struct xtbpf_enforce *e, int fd, const char *name)
{
	char path[PATH_MAX];

	pin_path(e, name, path);
	if (bpf_obj_pin(fd, path) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	/* left over from a change that never was: nothing refers to it */
	if (unlink(path) || bpf_obj_pin(fd, path))
		return -errno;
	return 0;
}

int pins_get(struct xtbpf_enforce *e, const char *name)
{
	char path[PATH_MAX];
	int fd;

	pin_path(e, name, path);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

void pins_remove(struct xtbpf_enforce *e, const char *name)
{
	char path[PATH_MAX];

	pin_path(e, name, path);
	if (unlink(path) && errno != ENOENT)
		xtbpf_log(XTBPF_WARN, "%s: %s", path, strerror(errno));
}

/* fn may remove what it is shown: names are read first. */
int pins_each(struct xtbpf_enforce *e, void (*fn)(struct xtbpf_enforce *e, const char *name))
{
	struct dirent **names = NULL;
	int n = scandir(e->dir, &names, NULL, alphasort);

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			fn(e, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return 0;
}

void pins_remove_all(struct xtbpf_enforce *e)
{
	pins_each(e, pins_remove);
	if (rmdir(e->dir) && errno != ENOENT)
		xtbpf_log(XTBPF_WARN, "%s: %s", e->dir, strerror(errno));
}
