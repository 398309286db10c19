// SPDX-License-Identifier: GPL-2.0-only
/* Talking to the helper; see client.h. */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cleanup.h"
#include "control.h"
#include "paths.h"

/* The largest tables take seconds to build; who waits longer waits for a stuck helper. */
#define ANSWER_MS 300000

int xtbpf_connect(void)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	if (fd < 0)
		return -errno;
	if (strlen(xtbpf_socket_path()) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, xtbpf_socket_path());
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return -errno;
	return xtbpf_steal_fd(&fd);
}

static void close_fds(int (*fds)[XTBPF_WIRE_NFD - 1])
{
	for (unsigned int i = 0; i < XTBPF_WIRE_NFD - 1; i++)
		if ((*fds)[i] >= 0)
			close((*fds)[i]);
}

int xtbpf_exchange(int sock, struct xtbpf_wire_request *req, const int *fds, unsigned int nfds,
		   const struct xtbpf_body *in, struct xtbpf_wire_reply *reply,
		   struct xtbpf_body *body)
{
	__attribute__((cleanup(close_fds))) int none[XTBPF_WIRE_NFD - 1] = { -1, -1 };
	_cleanup_body_ struct xtbpf_body got = XTBPF_BODY_NONE;
	struct pollfd pfd = { .fd = sock, .events = POLLIN };
	struct xtbpf_wire_reply r;
	int err = xtbpf_wire_send(sock, &req->head, sizeof(*req), fds, nfds, in);

	if (err)
		return err;
	do
		err = poll(&pfd, 1, ANSWER_MS);
	while (err < 0 && errno == EINTR);
	if (err <= 0)
		return err ? -errno : -ETIMEDOUT;
	err = xtbpf_wire_recv(sock, &r.head, sizeof(r), none, &got, XTBPF_WIRE_MAX);
	if (err)
		return err;
	if (!xtbpf_wire_reply_sane(&r))
		return -EPROTO;
	*reply = r;
	*body = got;
	got = XTBPF_BODY_NONE;
	return 0;
}

int xtbpf_ask(json_object *question, json_object **answer)
{
	_cleanup_body_ struct xtbpf_body in = XTBPF_BODY_NONE, out = XTBPF_BODY_NONE;
	_cleanup_fd_ int sock = xtbpf_connect();
	struct xtbpf_wire_request req = { .head.kind = XTBPF_WIRE_ASK };
	struct xtbpf_wire_reply reply;
	const char *text = json_object_to_json_string(question);
	json_object *parsed;
	int err;

	if (sock < 0)
		return sock;
	err = xtbpf_body_alloc(text ? strlen(text) : 0, &in);
	if (err)
		return err;
	memcpy(in.data, text, in.size);
	err = xtbpf_exchange(sock, &req, NULL, 0, &in, &reply, &out);
	if (err)
		return err;
	if (reply.err)
		return reply.err;
	parsed = json_tokener_parse(out.data); /* a received body ends in a NUL */
	if (!parsed)
		return -EPROTO;
	*answer = parsed;
	return 0;
}
