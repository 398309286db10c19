/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file client.h
 * The xtbpf command's side of the conversation with xtbpfd (see also xtbpf_ask in control.h).
 */
#ifndef XTBPF_CLIENT_H
#define XTBPF_CLIENT_H

#include "proto.h"

/** A connection to the running helper, or -ENOENT, -ECONNREFUSED, -EACCES. */
int xtbpf_connect(void);

/**
 * A connection to the helper, which is started first if none runs; waits until it
 * answers. Says on stderr what went wrong. A negative errno on failure.
 */
int xtbpf_helper(void);

/**
 * One question, one answer. req->head.kind is set by the caller; *body is the
 * caller's to release on success. -ETIMEDOUT when no answer comes.
 */
int xtbpf_exchange(int sock, struct xtbpf_wire_request *req, const int *fds, unsigned int nfds,
		   const struct xtbpf_body *in, struct xtbpf_wire_reply *reply,
		   struct xtbpf_body *body);

#endif
