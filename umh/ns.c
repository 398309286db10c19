/* SPDX-License-Identifier: GPL-2.0-only */
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "enforce.h"
#include "log.h"
#include "server.h"
#include "store.h"

static struct xtbpf_ns *all;

struct xtbpf_ns *xtbpf_ns_first(void)
{
	return all;
}

int xtbpf_ns_get(int netns_fd, struct xtbpf_ns **out)
{
	struct xtbpf_ns *ns;
	struct stat st;
	int fd;

	if (fstat(netns_fd, &st) || ioctl(netns_fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return -EINVAL;
	for (ns = all; ns; ns = ns->next) {
		if (ns->ino == st.st_ino) {
			*out = ns;
			return 0;
		}
	}
	fd = fcntl(netns_fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	ns = calloc(1, sizeof(*ns));
	if (!ns) {
		close(fd);
		return -ENOMEM;
	}
	ns->fd = fd;
	ns->ino = st.st_ino;
	ns->next = all;
	all = ns;
	*out = ns;
	return 0;
}

void xtbpf_ns_drop(struct xtbpf_ns *ns)
{
	struct xtbpf_ns **at = &all;

	while (*at && *at != ns)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = ns->next;
	if (ns->enforce)
		xtbpf_enforce_destroy(ns->enforce);
	xtbpf_tables_release(ns);
	xtbpf_store_remove(ns->ino);
	close(ns->fd);
	free(ns);
}

int xtbpf_ns_enter(int fd, int (*fn)(void *arg), void *arg)
{
	_cleanup_fd_ int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int ret;

	if (home < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		return -errno;
	ret = fn(arg);
	if (setns(home, CLONE_NEWNET)) {
		/* Going on in somebody else's namespace would be worse than stopping. */
		xtbpf_log(XTBPF_ERR, "cannot return to the own network namespace");
		abort();
	}
	return ret;
}
