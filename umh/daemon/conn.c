// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections to the helper. Each has at most one question open; its answer is
 * sent before the next is read. A peer that does not take its answer is let go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../cleanup.h"
#include "../log.h"
#include "daemon.h"
#include "event.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

#define MAX_CONNECTIONS 256

struct conn {
	int fd;
	int pidfd; /* who connected */
	sd_event_source *source;
};

static unsigned int connections;
static size_t limit = XTBPF_WIRE_MAX;

void xtbpf_daemon_limit(size_t bytes)
{
	limit = bytes < XTBPF_WIRE_INLINE ? XTBPF_WIRE_INLINE : bytes;
	if (limit > XTBPF_WIRE_MAX)
		limit = XTBPF_WIRE_MAX;
}

static void conn_free(struct conn *c)
{
	sd_event_source_unref(c->source);
	if (c->pidfd >= 0)
		close(c->pidfd);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	connections--;
}

static void close_fds(int (*fds)[XTBPF_WIRE_NFD - 1])
{
	for (unsigned int i = 0; i < XTBPF_WIRE_NFD - 1; i++)
		if ((*fds)[i] >= 0)
			close((*fds)[i]);
}

/* One message in, one out. -EAGAIN: nothing there. */
static int converse(struct conn *c)
{
	__attribute__((cleanup(close_fds))) int fds[XTBPF_WIRE_NFD - 1] = { -1, -1 };
	_cleanup_body_ struct xtbpf_body in = XTBPF_BODY_NONE, out = XTBPF_BODY_NONE;
	struct xtbpf_wire_reply reply = { .head.kind = XTBPF_WIRE_REPLY };
	struct xtbpf_wire_request req;
	int err = xtbpf_wire_recv(c->fd, &req.head, sizeof(req), fds, &in, limit);

	if (err == -E2BIG || err == -ENOMEM) {
		/* A client's table too big for us: its error, not the connection's. */
		reply.err = -ENOMEM;
		return xtbpf_wire_send(c->fd, &reply.head, sizeof(reply), NULL, 0, NULL);
	}
	if (err)
		return err;
	err = xtbpf_daemon_answer(&req, c->pidfd, fds, &in, &reply, &out);
	if (err)
		return err;
	return xtbpf_wire_send(c->fd, &reply.head, sizeof(reply), NULL, 0, &out);
}

static int on_message(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct conn *c = arg;
	int err = converse(c);

	if (!err || (err == -EAGAIN && !(revents & (EPOLLHUP | EPOLLERR))))
		return 0;
	if (err != -ECONNRESET && err != -EPIPE && err != -EAGAIN)
		xtbpf_log(XTBPF_WARN, "connection closed: %s", strerror(-err));
	conn_free(c);
	return 0;
}

static int peer_pidfd(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(int);
	int pidfd;

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len))
		return pidfd;
	len = sizeof(cred);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -errno;
	pidfd = (int)syscall(SYS_pidfd_open, cred.pid, 0);
	return pidfd < 0 ? -errno : pidfd;
}

void xtbpf_daemon_connection(int fd)
{
	struct conn *c;

	if (connections >= MAX_CONNECTIONS) {
		xtbpf_log(XTBPF_WARN, "more than %d connections, one refused", MAX_CONNECTIONS);
		close(fd);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	connections++;
	c->fd = fd;
	c->pidfd = peer_pidfd(fd);
	if (c->pidfd < 0 ||
	    sd_event_add_io(xtbpf_event(), &c->source, fd, EPOLLIN, on_message, c) < 0)
		conn_free(c);
}
