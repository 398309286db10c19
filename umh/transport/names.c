// SPDX-License-Identifier: GPL-2.0-only
/*
 * iptables-save asks /proc/net/ip_tables_names which tables there are. The kernel's
 * file knows nothing of ours, so whoever opens it gets a memfd with our text.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../cleanup.h"
#include "../proto.h"
#include "transport.h"

static const char *after(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(path, prefix, n) ? NULL : path + n;
}

bool xtbpf_names_path(const char *path, enum xtbpf_family *family, pid_t *owner)
{
	const char *rest = after(path, "/proc/"), *p;
	char *end;
	long pid = 0;

	if (!rest)
		return false;
	if ((p = after(rest, "self/")) || (p = after(rest, "thread-self/"))) {
		rest = p;
	} else if (*rest >= '1' && *rest <= '9') {
		errno = 0;
		pid = strtol(rest, &end, 10);
		if (errno || *end != '/' || pid > INT_MAX)
			return false;
		rest = end + 1;
	}
	rest = after(rest, "net/");
	if (!rest || (strcmp(rest, "ip_tables_names") && strcmp(rest, "ip6_tables_names")))
		return false;
	*family = rest[2] == '6' ? XTBPF_IPV6 : XTBPF_IPV4;
	*owner = (pid_t)pid;
	return true;
}

/* A process number in a path means what the client means by it: the same as we, or we do not know. */
static int named_process(pid_t client, pid_t named)
{
	struct stat mine, theirs;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)client);
	if (stat("/proc/self/ns/pid", &mine) || stat(path, &theirs) ||
	    mine.st_ino != theirs.st_ino || mine.st_dev != theirs.st_dev)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, named, 0);
	return fd < 0 ? -errno : fd;
}

/* Read-only, as the real file is. */
static int text_file(const char *text, size_t len)
{
	_cleanup_fd_ int fd = memfd_create("tables_names", MFD_CLOEXEC);
	char path[64];
	int ro;

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		return -ENOMEM;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	return ro < 0 ? -errno : ro;
}

static struct xtbpf_outcome inject(struct xtbpf_supervisor *s, const struct seccomp_notif *n,
				   int flags, const struct xtbpf_body *text)
{
	_cleanup_fd_ int fd = text_file(text->data, text->size);
	struct seccomp_notif_addfd add = {
		.id = n->id,
		.flags =
			SECCOMP_ADDFD_FLAG_SEND, /* one step: no fd is left behind in a dead call */
		.newfd_flags = (uint32_t)flags & O_CLOEXEC,
	};

	if (fd < 0)
		return (struct xtbpf_outcome){ .what = XTBPF_ANSWERED, .err = fd };
	add.srcfd = (uint32_t)fd;
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 && errno != ENOENT)
		return (struct xtbpf_outcome){ .what = XTBPF_ANSWERED, .err = -errno };
	return (struct xtbpf_outcome){ .what = XTBPF_SENT };
}

struct xtbpf_outcome xtbpf_on_open(struct xtbpf_supervisor *s, const struct seccomp_notif *n)
{
	const struct xtbpf_outcome not_ours = { .what = XTBPF_CONTINUE };
	_cleanup_body_ struct xtbpf_body none = XTBPF_BODY_NONE, text = XTBPF_BODY_NONE;
	struct xtbpf_wire_request req = { .head.kind = XTBPF_WIRE_NAMES };
	struct xtbpf_wire_reply reply;
	_cleanup_fd_ int client = -1, owner = -1;
	bool at = n->data.nr == SYS_openat;
	char path[64] = "";
	enum xtbpf_family family;
	pid_t named;

	xtbpf_client_read((pid_t)n->pid, n->data.args[at], path, sizeof(path) - 1);
	if (!xtbpf_names_path(path, &family, &named))
		return not_ours;
	client = xtbpf_client_pidfd((pid_t)n->pid);
	if (named)
		owner = named_process((pid_t)n->pid, named);
	if (!xtbpf_still_there(s, n))
		return (struct xtbpf_outcome){ .what = XTBPF_SENT };
	if (client < 0 || (named && owner < 0))
		return not_ours;
	req.level = (int)family;
	if (xtbpf_ask_helper(s, &req, (const int[]){ client, owner }, named ? 2 : 1, &none, &reply,
			     &text))
		return not_ours;
	if (reply.pass)
		return not_ours;
	if (reply.err)
		return (struct xtbpf_outcome){ .what = XTBPF_ANSWERED, .err = reply.err };
	return inject(s, n, (int)n->data.args[at ? 2 : 1], &text);
}
