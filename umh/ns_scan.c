/* SPDX-License-Identifier: GPL-2.0-only */
#include "ns_scan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "ns.h"

#define MNT_SEEN 64

struct scan {
	struct xtbpf_ns_user *users;
	size_t n;
	size_t missing;
	int proc;
	int err;		  /* some place could not be looked at */
	ino_t mnt_seen[MNT_SEEN]; /* mount namespaces read already; when full, read again */
	size_t nseen;
};

static struct xtbpf_ns_user *wanted(struct scan *s, uint64_t ino)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->users[i].ino == ino && s->users[i].fd < 0)
			return &s->users[i];
	return NULL;
}

/*
 * After something under /proc could not be read. A process that ended or is not for
 * us to see is nothing new, but who is out of descriptors does not know, and must not
 * say "nobody is there": a namespace's rules go when nobody is.
 */
static void missed(struct scan *s, int error)
{
	if (error == EMFILE || error == ENFILE || error == ENOMEM)
		s->err = -error;
}

/* Open path and keep it if it is the namespace asked for. */
static void found(struct scan *s, struct xtbpf_ns_user *user, const char *path)
{
	_cleanup_fd_ int fd = openat(s->proc, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return missed(s, errno);
	if (fstat(fd, &st) || st.st_ino != user->ino || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return;
	user->fd = xtbpf_steal_fd(&fd);
	s->missing--;
}

/* "net:[4026531840]" */
static uint64_t net_link(struct scan *s, const char *path)
{
	char text[64];
	ssize_t len = readlinkat(s->proc, path, text, sizeof(text) - 1);
	unsigned long long ino;

	if (len <= 0) {
		missed(s, errno);
		return 0;
	}
	text[len] = '\0';
	return sscanf(text, "net:[%llu]", &ino) == 1 ? ino : 0;
}

static void check_link(struct scan *s, const char *path)
{
	uint64_t ino = net_link(s, path);
	struct xtbpf_ns_user *user = ino ? wanted(s, ino) : NULL;

	if (user)
		found(s, user, path);
}

/* Threads may be elsewhere than their leader. */
static void scan_tasks(struct scan *s, const char *pid)
{
	_cleanup_dir_ DIR *dir = NULL;
	char path[sizeof("/task//ns/net") + 2 * 256];
	struct dirent *d;
	int fd;

	snprintf(path, sizeof(path), "%s/ns/net", pid);
	check_link(s, path);
	snprintf(path, sizeof(path), "%s/task", pid);
	fd = openat(s->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		missed(s, errno);
		xtbpf_cleanup_fd(&fd);
		return;
	}
	while (s->missing && (d = readdir(dir))) {
		if (!isdigit((unsigned char)d->d_name[0]) || !strcmp(d->d_name, pid))
			continue;
		snprintf(path, sizeof(path), "%s/task/%s/ns/net", pid, d->d_name);
		check_link(s, path);
	}
}

static void scan_fds(struct scan *s, const char *pid)
{
	_cleanup_dir_ DIR *dir = NULL;
	char path[sizeof("/fd/") + 2 * 256];
	struct dirent *d;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fd = openat(s->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		missed(s, errno);
		xtbpf_cleanup_fd(&fd);
		return;
	}
	while (s->missing && (d = readdir(dir))) {
		if (!isdigit((unsigned char)d->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/fd/%s", pid, d->d_name);
		check_link(s, path);
	}
}

/* Undo the octal escapes of mountinfo (fs/proc_namespace.c, mangle()). */
static void unescape(char *text)
{
	char *to = text;

	for (char *from = text; *from; to++) {
		if (from[0] == '\\' && isdigit((unsigned char)from[1]) &&
		    isdigit((unsigned char)from[2]) && isdigit((unsigned char)from[3])) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool mounts_seen(struct scan *s, const char *pid)
{
	char path[300];
	struct stat st;

	snprintf(path, sizeof(path), "%s/ns/mnt", pid);
	if (fstatat(s->proc, path, &st, 0))
		return false;
	for (size_t i = 0; i < s->nseen; i++)
		if (s->mnt_seen[i] == st.st_ino)
			return true;
	if (s->nseen < MNT_SEEN)
		s->mnt_seen[s->nseen++] = st.st_ino;
	return false;
}

/*
 * "36 35 0:4 net:[4026532000] /run/netns/x rw shared:1 - nsfs nsfs rw". A mount
 * that something else is mounted over cannot be opened, but it holds the
 * namespace: it comes out as not found only if nothing else holds it either.
 */
static void scan_mounts(struct scan *s, const char *pid)
{
	_cleanup_file_ FILE *f = NULL;
	_cleanup_free_ char *line = NULL;
	char path[300];
	size_t cap = 0;
	int fd;

	if (mounts_seen(s, pid))
		return;
	snprintf(path, sizeof(path), "%s/mountinfo", pid);
	fd = openat(s->proc, path, O_RDONLY | O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f) {
		missed(s, errno);
		xtbpf_cleanup_fd(&fd);
		return;
	}
	while (s->missing && getline(&line, &cap, f) > 0) {
		_cleanup_free_ char *where = NULL;
		_cleanup_free_ char *full = NULL;
		unsigned long long ino;
		struct xtbpf_ns_user *user;

		if (sscanf(line, "%*u %*u %*s net:[%llu] %ms", &ino, &where) != 2)
			continue;
		user = wanted(s, ino);
		if (!user)
			continue;
		unescape(where);
		if (asprintf(&full, "%s/root%s", pid, where) < 0) {
			full = NULL;
			s->err = -ENOMEM;
			continue;
		}
		found(s, user, full);
	}
}

static int each_process(struct scan *s, void (*fn)(struct scan *s, const char *pid))
{
	_cleanup_dir_ DIR *dir = opendir("/proc");
	char self[16];
	struct dirent *d;

	if (!dir)
		return -errno;
	snprintf(self, sizeof(self), "%d", (int)getpid());
	while (s->missing && (d = readdir(dir)))
		if (isdigit((unsigned char)d->d_name[0]) && strcmp(d->d_name, self))
			fn(s, d->d_name);
	return 0;
}

int xtbpf_ns_scan(struct xtbpf_ns_user *users, size_t n)
{
	_cleanup_fd_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct scan s = { .users = users, .n = n, .missing = n, .proc = proc };
	int err;

	for (size_t i = 0; i < n; i++)
		users[i].fd = -1;
	if (proc < 0)
		return -errno;
	/* cheapest first; nearly always the first pass finds everything */
	err = each_process(&s, scan_tasks);
	if (!err && s.missing)
		err = each_process(&s, scan_mounts);
	if (!err && s.missing)
		err = each_process(&s, scan_fds);
	return err || !s.missing ? err : s.err;
}

int xtbpf_ns_find_user(uint64_t ino)
{
	struct xtbpf_ns_user user = { .ino = ino };
	int err = xtbpf_ns_scan(&user, 1);

	if (err == -ENOENT)
		return -EIO; /* no /proc: that says nothing about the namespace */
	if (err)
		return err;
	return user.fd < 0 ? -ENOENT : user.fd;
}
