/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file cap.h
 * May this process change the firewall of that network namespace? The kernel asks
 * ns_capable(net->user_ns, CAP_NET_ADMIN) of the caller; a helper that answers in the
 * kernel's place has to ask the same of another process (security/commoncap.c,
 * cap_capable).
 */
#ifndef XTBPF_CAP_H
#define XTBPF_CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** A namespace's identity: device and inode of its nsfs file. */
struct xtbpf_nsid {
	uint64_t dev, ino;
};

/** A user namespace and the uid (as we see it) that made it. */
struct xtbpf_userns {
	struct xtbpf_nsid id;
	uid_t owner;
};

/** What of a process's credentials counts. */
struct xtbpf_cred {
	struct xtbpf_nsid userns;
	uid_t euid;
	uint64_t effective;
};

#define XTBPF_USERNS_DEPTH 34 /* the kernel nests at most 32 below the first (create_user_ns) */

/** Pure: has cred capability cap in chain[0], whose ancestors follow it? */
bool xtbpf_cap_decide(const struct xtbpf_userns *chain, size_t n, const struct xtbpf_cred *cred,
		      unsigned int cap);

/** The process behind a pidfd in our pid namespace. -ESRCH when it is gone. */
int xtbpf_pidfd_pid(int pidfd);

/** Open /proc/PID of exactly the process behind pidfd (not of a later one with its number). */
int xtbpf_pidfd_proc(int pidfd);

/** Has the process behind pidfd CAP_NET_ADMIN where netns_fd belongs? False when in doubt. */
bool xtbpf_cap_net_admin(int pidfd, int netns_fd);

/** Names of the capabilities that we lack to run anything ("CAP_BPF, CAP_PERFMON"); NULL: none. */
const char *xtbpf_cap_missing(void);

#endif
