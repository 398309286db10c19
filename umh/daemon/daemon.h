/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file daemon.h
 * The helper's own parts: its socket, its connections, what it does with a message.
 */
#ifndef XTBPF_DAEMON_DAEMON_H
#define XTBPF_DAEMON_DAEMON_H

#include "../proto.h"

/** Make <rundir>, take its lock for life. -EBUSY: another helper has it. */
int xtbpf_daemon_lock(void);

/** Bind <rundir>/xtbpfd.sock and listen; needs the lock. Served once the loop runs. */
int xtbpf_daemon_listen(void);

/** A connected peer: watch it. Takes fd. */
void xtbpf_daemon_connection(int fd);

/** Largest body that is accepted from a peer, in bytes. */
void xtbpf_daemon_limit(size_t bytes);

/**
 * Answer one message. peer_pidfd: who is connected; fds: the message's (borrowed).
 * Fills *reply and *body (to be released) and returns 0, or a negative errno when
 * the message makes no sense and the connection should end.
 */
int xtbpf_daemon_answer(const struct xtbpf_wire_request *req, int peer_pidfd, const int *fds,
			const struct xtbpf_body *in, struct xtbpf_wire_reply *reply,
			struct xtbpf_body *body);

#endif
