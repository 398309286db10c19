// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blobs come from anybody who has CAP_NET_ADMIN in some user namespace, which
 * every user can make. Tables in namespaces below the helper's own user namespace
 * are charged to the user who made the topmost of them, so that making more
 * namespaces gains nothing. Namespaces of the helper's own have the kernel's
 * limits only.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "../cleanup.h"

#define DEFAULT_BYTES (64ull << 20)
#define DEFAULT_RULES 400000ull

struct usage {
	uint64_t bytes, rules;
};

/* For tests and for those who know better. */
static uint64_t cap(const char *variable, uint64_t dflt)
{
	const char *text = getenv(variable);
	char *end;
	unsigned long long n;

	if (!text || !*text)
		return dflt;
	n = strtoull(text, &end, 10);
	return *end ? dflt : n;
}

static uint64_t inode(int fd)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) ? st.st_ino : 0;
}

/*
 * Who pays for the tables of a network namespace: true and *uid, or false when
 * it belongs to the helper's own user namespace. Parents above ours cannot be
 * asked for (EPERM), which ends the walk as well.
 */
static bool payer(int netns, uid_t *uid)
{
	_cleanup_fd_ int self = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	uint64_t ours = inode(self);
	int user = ioctl(netns, NS_GET_USERNS);

	if (user < 0)
		return false;
	if (inode(user) == ours) {
		close(user);
		return false;
	}
	for (int depth = 0; depth < 64; depth++) { /* the kernel nests 32 */
		int parent = ioctl(user, NS_GET_PARENT);

		if (parent < 0)
			break;
		if (inode(parent) == ours) {
			close(parent);
			break;
		}
		close(user);
		user = parent;
	}
	if (ioctl(user, NS_GET_OWNER_UID, uid))
		*uid = (uid_t)-1;
	close(user);
	return true;
}

static void count(const struct xtbpf_ns *ns, const struct xtbpf_blob *except, struct usage *u)
{
	for (int f = 0; f < XTBPF_NFAMILY; f++) {
		for (int id = 0; id < XTBPF_NTABLE; id++) {
			const struct xtbpf_table *t = ns->tables[f][id];

			if (!t || (except && (int)except->family == f && (int)except->table == id))
				continue;
			u->bytes += t->blob.size;
			u->rules += t->blob.num_entries;
		}
	}
}

int xtbpf_limits_check(const struct xtbpf_ns *ns, const struct xtbpf_blob *blob,
		       struct xtbpf_reason *why)
{
	const char *table = xtbpf_table_def(blob->table)->name;
	uint64_t bytes = cap("XTBPF_MAX_BYTES", DEFAULT_BYTES);
	uint64_t rules = cap("XTBPF_MAX_RULES", DEFAULT_RULES);
	struct usage u = { .bytes = blob->size, .rules = blob->num_entries };
	uid_t uid, other;

	if (!payer(ns->fd, &uid))
		return 0;
	count(ns, blob, &u);
	for (const struct xtbpf_ns *n = xtbpf_ns_first(); n; n = n->next) {
		if (n != ns && payer(n->fd, &other) && other == uid)
			count(n, NULL, &u);
	}
	if (u.bytes > bytes)
		return xtbpf_server_refuse(why, ENOMEM, table,
					   "the tables of user %u would take more than %llu bytes",
					   (unsigned int)uid, (unsigned long long)bytes);
	if (u.rules > rules)
		return xtbpf_server_refuse(why, ENOMEM, table,
					   "user %u would have more than %llu rules",
					   (unsigned int)uid, (unsigned long long)rules);
	return 0;
}
