/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file transport.h
 * The seccomp supervisor's parts. It is a process of its own beside the wrapped
 * command and lives as long as anybody under the filter: who outlives `xtbpf run`
 * would otherwise get ENOSYS from every open().
 */
#ifndef XTBPF_TRANSPORT_H
#define XTBPF_TRANSPORT_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>
#include <xtbpf/table.h>

/** What the supervisor tells `xtbpf run` through shared memory. */
struct xtbpf_shared {
	volatile int nft_seen; /* an iptables-nft was turned away */
};

/**
 * struct xtbpf_supervisor
 * @listener: seccomp notifications come here
 * @helper: connection to xtbpfd, -1 when there is none
 */
struct xtbpf_supervisor {
	int listener;
	int helper;
	struct xtbpf_shared *shared;
};

/** What becomes of a trapped call. */
struct xtbpf_outcome {
	enum {
		XTBPF_ANSWERED,
		XTBPF_CONTINUE,
		XTBPF_SENT
	} what;	 /* SENT: already answered, or gone */
	int err; /* ANSWERED: 0 or negative errno */
};

/** Serve notifications until nobody is left under the filter. */
void xtbpf_supervise(struct xtbpf_supervisor *s);

/* One kind of call each. */
struct xtbpf_outcome xtbpf_on_sockopt(struct xtbpf_supervisor *s, const struct seccomp_notif *n);
struct xtbpf_outcome xtbpf_on_open(struct xtbpf_supervisor *s, const struct seccomp_notif *n);
struct xtbpf_outcome xtbpf_on_netlink(struct xtbpf_supervisor *s, const struct seccomp_notif *n);
struct xtbpf_outcome xtbpf_on_other_abi(struct xtbpf_supervisor *s, const struct seccomp_notif *n);

/** Is the caller still waiting? Asked after looking at it by number and before acting on what was seen. */
bool xtbpf_still_there(const struct xtbpf_supervisor *s, const struct seccomp_notif *n);

/* ---- the client (client_mem.c) ---- */

/** Copy from a process's memory until the end or the first hole: bytes copied. */
size_t xtbpf_client_read(pid_t pid, uint64_t from, void *to, size_t size);
/** Copy to it; true when all of it went. */
bool xtbpf_client_write(pid_t pid, uint64_t to, const void *from, size_t size);
/** pidfd of the process that thread tid belongs to, or a negative errno. */
int xtbpf_client_pidfd(pid_t tid);

/** A path of /proc/net/ip_tables_names or its brother? owner: "self" (0) or the process named in it. */
bool xtbpf_names_path(const char *path, enum xtbpf_family *family, pid_t *owner);

/** Would the kernel give this option on this socket to ip_tables or ip6_tables? (socket.c) */
bool xtbpf_socket_serves(int sock, int level, int optname);

struct xtbpf_wire_request;
struct xtbpf_wire_reply;
struct xtbpf_body;
/** Ask the helper; reconnect or restart it once. Says on stderr when that fails. */
int xtbpf_ask_helper(struct xtbpf_supervisor *s, struct xtbpf_wire_request *req, const int *fds,
		     unsigned int nfds, const struct xtbpf_body *in, struct xtbpf_wire_reply *reply,
		     struct xtbpf_body *body);

#endif
