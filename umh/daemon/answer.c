// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a message to what it asks: nothing that a peer says is believed. The
 * namespace and the family come from the client's socket itself, the right to
 * use them from the processes behind two pidfds.
 */
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../cap.h"
#include "../cleanup.h"
#include "../control.h"
#include "../log.h"
#include "../ns.h"
#include "../request.h"
#include "../transport/transport.h"
#include "daemon.h"

#ifndef SIOCGSKNS
#define SIOCGSKNS 0x894C
#endif

static int put_reply(struct xtbpf_wire_reply *out, struct xtbpf_body *body,
		     const struct xtbpf_reply *r)
{
	size_t counters = r->ncounters * sizeof(*r->counters);
	size_t why = r->why ? strlen(r->why) : 0;
	char *at;
	int err = xtbpf_body_alloc(r->size + counters + why, body);

	if (err)
		return err;
	at = body->data;
	if (r->size)
		at = mempcpy(at, r->data, r->size);
	if (counters)
		at = mempcpy(at, r->counters, counters);
	if (why)
		memcpy(at, r->why, why);
	out->err = r->err;
	out->skip_at = r->skip_at;
	out->skip = r->skip;
	out->counters_to = r->counters_to;
	out->data = r->size;
	out->counters = counters;
	out->why = why;
	return 0;
}

/* The namespace if it is one that we serve already; NULL otherwise. */
static struct xtbpf_ns *known_ns(int netns)
{
	struct xtbpf_ns *ns = xtbpf_ns_first();
	struct stat st;

	if (fstat(netns, &st))
		return NULL;
	while (ns && ns->ino != st.st_ino)
		ns = ns->next;
	return ns;
}

static int answer_call(const struct xtbpf_wire_request *req, int peer, const int *fds,
		       const struct xtbpf_body *in, struct xtbpf_wire_reply *out,
		       struct xtbpf_body *body)
{
	__attribute__((cleanup(xtbpf_reply_release))) struct xtbpf_reply reply = { 0 };
	_cleanup_fd_ int netns = -1;
	struct xtbpf_ns stranger = { .fd = -1 };
	struct xtbpf_request call = {
		.family = req->level == SOL_IP ? XTBPF_IPV4 : XTBPF_IPV6,
		.set = req->set,
		.optname = req->optname,
		.optlen = req->optlen,
		.data = in->data,
		.size = in->size,
	};

	if (fds[0] < 0 || fds[1] < 0 || in->size > req->optlen)
		return -EPROTO;
	if (!xtbpf_socket_serves(fds[0], req->level, req->optname)) {
		out->pass = 1;
		return 0;
	}
	netns = ioctl(fds[0], SIOCGSKNS);
	if (netns < 0) {
		xtbpf_log(XTBPF_WARN, "network namespace of a client's socket: %m");
		out->err = -EPERM; /* we may not look into it: so may not the client through us */
		return 0;
	}
	call.pid = xtbpf_pidfd_pid(fds[1]);
	call.capable = xtbpf_cap_net_admin(fds[1], netns) && xtbpf_cap_net_admin(peer, netns);
	/* Who may do nothing there gets no namespace kept for it: that would keep it alive. */
	call.ns = &stranger;
	if (call.capable)
		reply.err = xtbpf_ns_get(netns, &call.ns);
	else if (known_ns(netns))
		call.ns = known_ns(netns);
	if (reply.err == -EMFILE)
		reply.err = -ENOMEM;
	if (!reply.err)
		xtbpf_serve(&call, &reply);
	free(stranger.why_text);
	return put_reply(out, body, &reply);
}

/* Network namespace of the process behind a pidfd. */
static int pidfd_netns(int pidfd)
{
	_cleanup_fd_ int dir = xtbpf_pidfd_proc(pidfd);
	int fd;

	if (dir < 0)
		return dir;
	fd = openat(dir, "ns/net", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int answer_names(const struct xtbpf_wire_request *req, int peer, const int *fds,
			struct xtbpf_wire_reply *out, struct xtbpf_body *body)
{
	_cleanup_fd_ int netns = -1;
	_cleanup_free_ char *text = NULL;
	struct xtbpf_reply reply = { 0 };
	struct xtbpf_ns *ns;

	if (fds[0] < 0 || req->level < 0 || req->level >= XTBPF_NFAMILY)
		return -EPROTO;
	netns = pidfd_netns(fds[1] >= 0 ? fds[1]
					: fds[0]); /* named in the path, or the opener's own */
	/* The file is root's (mode 0440): others get the kernel's own answer. */
	if (netns < 0 || !xtbpf_cap_net_admin(fds[0], netns) || !xtbpf_cap_net_admin(peer, netns)) {
		out->pass = 1;
		return 0;
	}
	ns = known_ns(netns);
	text = ns ? xtbpf_names(ns, (enum xtbpf_family)req->level) : strdup("");
	if (!text) {
		out->err = -ENOMEM;
		return 0;
	}
	reply.data = text;
	reply.size = strlen(text);
	return put_reply(out, body, &reply);
}

static int answer_question(int peer, const struct xtbpf_body *in, struct xtbpf_wire_reply *out,
			   struct xtbpf_body *body)
{
	_cleanup_json_ json_object *question = NULL;
	_cleanup_json_ json_object *answer = NULL;
	_cleanup_fd_ int netns = pidfd_netns(peer);
	struct xtbpf_reply reply = { 0 };
	const char *text;

	question = json_tokener_parse(in->data);
	if (!json_object_is_type(question, json_type_object)) {
		out->err = -EINVAL;
		return 0;
	}
	answer = xtbpf_control(question, netns < 0 ? -1 : netns);
	text = json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN);
	if (!text)
		return -ENOMEM;
	reply.data = (char *)text; /* put_reply only reads */
	reply.size = strlen(text);
	return put_reply(out, body, &reply);
}

int xtbpf_daemon_answer(const struct xtbpf_wire_request *req, int peer_pidfd, const int *fds,
			const struct xtbpf_body *in, struct xtbpf_wire_reply *reply,
			struct xtbpf_body *body)
{
	switch (req->head.kind) {
	case XTBPF_WIRE_CALL:
		return answer_call(req, peer_pidfd, fds, in, reply, body);
	case XTBPF_WIRE_NAMES:
		return answer_names(req, peer_pidfd, fds, reply, body);
	case XTBPF_WIRE_ASK:
		return answer_question(peer_pidfd, in, reply, body);
	default:
		return -EPROTO;
	}
}
