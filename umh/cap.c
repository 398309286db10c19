// SPDX-License-Identifier: GPL-2.0-only
/* Capability checks for other processes; see cap.h. */
#include "cap.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cleanup.h"

static bool same_ns(const struct xtbpf_nsid *a, const struct xtbpf_nsid *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

bool xtbpf_cap_decide(const struct xtbpf_userns *chain, size_t n, const struct xtbpf_cred *cred,
		      unsigned int cap)
{
	for (size_t i = 0; i < n; i++) {
		if (!same_ns(&chain[i].id, &cred->userns))
			continue;
		/* Who made a namespace has every capability in it, from its parent. */
		return cred->effective >> cap & 1 || (i && chain[i - 1].owner == cred->euid);
	}
	return false; /* neither the namespace nor an ancestor of it */
}

int xtbpf_pidfd_pid(int pidfd)
{
	_cleanup_file_ FILE *f = NULL;
	char path[64], line[128];
	int pid;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			return pid > 0 ? pid : -ESRCH;
	return -EBADF;
}

static bool alive(int pidfd)
{
	return !syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) || errno == EPERM;
}

int xtbpf_pidfd_proc(int pidfd)
{
	_cleanup_fd_ int dir = -1;
	char path[32];
	int pid = xtbpf_pidfd_pid(pidfd);

	if (pid < 0)
		return pid;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	/* Still alive, so the number was still its own when the directory was opened. */
	if (!alive(pidfd))
		return -ESRCH;
	return xtbpf_steal_fd(&dir);
}

static int nsid(int dir, const char *path, struct xtbpf_nsid *out)
{
	struct stat st;

	if (path ? fstatat(dir, path, &st, 0) : fstat(dir, &st))
		return -errno;
	*out = (struct xtbpf_nsid){ st.st_dev, st.st_ino };
	return 0;
}

static int read_cred(int pidfd, struct xtbpf_cred *out)
{
	_cleanup_fd_ int dir = xtbpf_pidfd_proc(pidfd);
	_cleanup_file_ FILE *f = NULL;
	struct xtbpf_cred cred;
	unsigned int have = 0;
	char line[256];
	int fd, err;

	if (dir < 0)
		return dir;
	err = nsid(dir, "ns/user", &cred.userns);
	if (err)
		return err;
	fd = openat(dir, "status", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Uid: %*u %u", &cred.euid) == 1)
			have |= 1;
		else if (sscanf(line, "CapEff: %" SCNx64, &cred.effective) == 1)
			have |= 2;
	}
	if (have != 3)
		return -ESRCH;
	*out = cred;
	return 0;
}

/* The user namespace that owns netns and its ancestors, as far as we may see them. */
static int owner_chain(int netns_fd, struct xtbpf_userns *chain, size_t cap)
{
	_cleanup_fd_ int fd = ioctl(netns_fd, NS_GET_USERNS);
	size_t n = 0;

	if (fd < 0)
		return -errno;
	while (n < cap) {
		struct xtbpf_userns *u = &chain[n];
		int parent, err;

		err = nsid(fd, NULL, &u->id);
		if (err)
			return err;
		if (ioctl(fd, NS_GET_OWNER_UID, &u->owner))
			u->owner = (uid_t)-1;
		n++;
		parent = ioctl(fd, NS_GET_PARENT);
		if (parent < 0)
			break; /* the first one, or not ours to see */
		close(fd);
		fd = parent;
	}
	return (int)n;
}

bool xtbpf_cap_net_admin(int pidfd, int netns_fd)
{
	struct xtbpf_userns chain[XTBPF_USERNS_DEPTH];
	struct xtbpf_cred cred;
	int n = owner_chain(netns_fd, chain, XTBPF_USERNS_DEPTH);

	if (n < 0 || read_cred(pidfd, &cred))
		return false;
	return xtbpf_cap_decide(chain, (size_t)n, &cred, CAP_NET_ADMIN);
}

const char *xtbpf_cap_missing(void)
{
	static const struct {
		unsigned int cap;
		const char *name;
	} needed[] = {
		{ CAP_BPF, "CAP_BPF" },
		{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
		{ CAP_PERFMON, "CAP_PERFMON" },
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
	};
	static char text[128];

	text[0] = 0;
	if (capng_get_caps_process())
		return NULL; /* cannot tell: the calls themselves will */
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (capng_have_capability(CAPNG_EFFECTIVE, needed[i].cap))
			continue;
		if (*text)
			strcat(text, ", ");
		strcat(text, needed[i].name);
	}
	return *text ? text : NULL;
}
