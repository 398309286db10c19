/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file proto.h
 * What xtbpf and xtbpfd say to each other over an AF_UNIX SOCK_SEQPACKET socket.
 * Private: both are built together, and the version says so. One question, one
 * answer; a message is a fixed head, up to two fds, and a body of bytes that
 * travels inside the message when small and in a memfd (the last fd) when not.
 *
 * Either side may be hostile to the other: every length is checked against what
 * really arrived, and a body is copied once before anybody looks at it.
 */
#ifndef XTBPF_PROTO_H
#define XTBPF_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define XTBPF_WIRE_MAGIC 0x62707478u /* "xtpb" */
#define XTBPF_WIRE_VERSION 1u
#define XTBPF_WIRE_INLINE 16384u /* bodies up to this size travel in the message */
/* Largest body: the kernel's limit of a table (xt_alloc_table_info), its header, and slack for words. */
#define XTBPF_WIRE_MAX ((512ull << 20) + 65536)
#define XTBPF_WIRE_NFD 3 /* client socket, client pidfd, body */

enum xtbpf_wire_kind {
	XTBPF_WIRE_CALL = 1, /* a socket option; fds: socket, pidfd */
	XTBPF_WIRE_NAMES,    /* the text of /proc/net/ip_tables_names; fds: pidfd */
	XTBPF_WIRE_ASK,	     /* JSON for xtbpf_control(); no fds */
	XTBPF_WIRE_REPLY,    /* the answer to all of them */
};

/**
 * struct xtbpf_wire_head - starts every message
 * @nfds: fds in front of the body's
 * @size: of the body
 */
struct xtbpf_wire_head {
	uint32_t magic;
	uint32_t version;
	uint32_t kind;
	uint32_t nfds;
	uint64_t size;
};

/**
 * struct xtbpf_wire_request
 * @level: CALL: level of the socket option; NAMES: enum xtbpf_family
 * Others: as in struct xtbpf_request. The body is its data, or the JSON text.
 */
struct xtbpf_wire_request {
	struct xtbpf_wire_head head;
	int32_t level;
	int32_t optname;
	uint32_t set;
	uint32_t pad;
	uint64_t optlen;
};

/**
 * struct xtbpf_wire_reply
 * @pass: not ours: let the kernel do what it would (nothing else is meaningful then)
 * @data, @counters, @why: bytes of each in the body, in this order
 * Others: as in struct xtbpf_reply.
 */
struct xtbpf_wire_reply {
	struct xtbpf_wire_head head;
	int32_t err;
	uint32_t pass;
	uint64_t skip_at, skip;
	uint64_t counters_to;
	uint64_t data, counters, why;
};

/**
 * struct xtbpf_body - bytes on their way
 * @fd: memfd behind @data (which is then a mapping), or -1 (then it is malloc'ed)
 */
struct xtbpf_body {
	void *data;
	size_t size;
	int fd;
};

#define XTBPF_BODY_NONE ((struct xtbpf_body){ .fd = -1 })

/** Room for size bytes, zeroed, of the kind that xtbpf_wire_send wants. 0, -ENOMEM, -E2BIG. */
int xtbpf_body_alloc(size_t size, struct xtbpf_body *out);
/** Fewer bytes than planned. */
void xtbpf_body_trim(struct xtbpf_body *body, size_t size);
void xtbpf_body_release(struct xtbpf_body *body);
#define _cleanup_body_ __attribute__((cleanup(xtbpf_body_release)))

/**
 * Send one message. head points to a request or reply of headlen bytes whose
 * struct xtbpf_wire_head has its kind set; the rest of it is filled here.
 * Returns 0 or a negative errno (-EAGAIN on a non-blocking socket that is full).
 */
int xtbpf_wire_send(int sock, struct xtbpf_wire_head *head, size_t headlen, const int *fds,
		    unsigned int nfds, const struct xtbpf_body *body);

/**
 * Receive one message into head (headlen bytes exactly), fds[XTBPF_WIRE_NFD - 1]
 * (-1 where absent; the caller's to close) and body (always malloc'ed).
 * max: largest body accepted. 0, or -ECONNRESET at the end, -EPROTO for a message that is not one of
 * ours, -E2BIG, -ENOMEM, and what recvmsg gives. Nothing is handed out on failure.
 */
int xtbpf_wire_recv(int sock, struct xtbpf_wire_head *head, size_t headlen, int *fds,
		    struct xtbpf_body *body, size_t max);

/** Do the three parts of a reply add up to its body, and is its hole inside? */
bool xtbpf_wire_reply_sane(const struct xtbpf_wire_reply *r);

#endif
