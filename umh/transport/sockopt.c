// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trapped setsockopt or getsockopt: gather what the helper needs, carry out what
 * it answers. The checks that come before ip_tables' own are the kernel's
 * (net/socket.c, net/ipv4/ip_sockglue.c).
 */
#include <netinet/in.h>

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "../cleanup.h"
#include "../log.h"
#include "../proto.h"
#include "filter.h"
#include "transport.h"

/* As much of a getsockopt's buffer as any of the options reads. */
#define GET_INPUT 128u

static struct xtbpf_outcome answered(int err)
{
	return (struct xtbpf_outcome){ .what = XTBPF_ANSWERED, .err = err };
}

/* Bytes of the client's buffer that matter. What lies behind a table is ignored by the kernel too. */
static size_t input_size(const struct seccomp_notif *n, const struct xtbpf_wire_request *req)
{
	uint64_t size = req->optlen;
	struct ipt_replace head; /* struct ip6t_replace begins likewise */

	if (!req->set)
		return size < GET_INPUT ? size : GET_INPUT;
	if (req->optname == IPT_SO_SET_REPLACE && size > sizeof(head)) {
		if (xtbpf_client_read((pid_t)n->pid, n->data.args[3], &head, sizeof(head)) <
		    sizeof(head))
			return sizeof(head); /* the read proper will find out how much there is */
		if (size > sizeof(head) + (uint64_t)head.size)
			size = sizeof(head) + (uint64_t)head.size;
	}
	return size < XTBPF_WIRE_MAX ? size : XTBPF_WIRE_MAX;
}

/* optlen and the buffer. Returns 0 or the call's errno. */
static int gather(const struct seccomp_notif *n, struct xtbpf_wire_request *req,
		  struct xtbpf_body *in)
{
	pid_t pid = (pid_t)n->pid;
	int len = (int)n->data.args[4];
	int err;

	if (!req->set && xtbpf_client_read(pid, n->data.args[4], &len, sizeof(len)) != sizeof(len))
		return -EFAULT;
	/* A getsockopt of level IPV6 is not checked here: ip6_tables compares it as a huge number. */
	if (len < 0 && (req->set || req->level == SOL_IP))
		return -EINVAL;
	req->optlen = (uint64_t)(int64_t)len;
	err = xtbpf_body_alloc(input_size(n, req), in);
	if (err)
		return -ENOMEM;
	xtbpf_body_trim(in, xtbpf_client_read(pid, n->data.args[3], in->data, in->size));
	return 0;
}

/* Lines for the user. They may quote what a client chose: nothing that steers a terminal gets through. */
static void say(const char *text, size_t len)
{
	char line[1024];
	size_t n = 0;

	for (size_t i = 0; i <= len; i++) {
		unsigned char c = i < len ? (unsigned char)text[i] : '\n';

		if (c == '\n' || n == sizeof(line) - 1) {
			line[n] = 0;
			if (n)
				xtbpf_log(XTBPF_ERR, "%s", line);
			n = 0;
		}
		if (c != '\n')
			line[n++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
}

/* Write the answer's bytes to the client. Returns the call's result. */
static int deliver(const struct seccomp_notif *n, const struct xtbpf_wire_reply *r,
		   const struct xtbpf_body *body)
{
	const char *data = body->data;
	pid_t pid = (pid_t)n->pid;
	uint64_t to = n->data.args[3];
	uint64_t resume = r->skip_at + r->skip;

	if (r->why)
		say(data + r->data + r->counters, r->why);
	if (r->err)
		return r->err;
	if (r->data && (!xtbpf_client_write(pid, to, data, r->skip_at) ||
			!xtbpf_client_write(pid, to + resume, data + resume, r->data - resume)))
		return -EFAULT;
	/* The table is replaced by now: as in the kernel, the call succeeds all the same. */
	if (r->counters && !xtbpf_client_write(pid, r->counters_to, data + r->data, r->counters))
		xtbpf_log(XTBPF_WARN, "process %d: old counters could not be written back",
			  (int)pid);
	return 0;
}

/* The helper's verdict on a call whose socket and process are at hand. */
static struct xtbpf_outcome consult(struct xtbpf_supervisor *s, const struct seccomp_notif *n,
				    const int *fds)
{
	_cleanup_body_ struct xtbpf_body in = XTBPF_BODY_NONE, out = XTBPF_BODY_NONE;
	struct xtbpf_wire_request req = {
		.head.kind = XTBPF_WIRE_CALL,
		.level = (int)n->data.args[1],
		.optname = (int)n->data.args[2],
		.set = n->data.nr == SYS_setsockopt,
	};
	struct xtbpf_wire_reply reply;
	int err = gather(n, &req, &in);

	if (err)
		return answered(err);
	if (!xtbpf_still_there(s, n))
		return (struct xtbpf_outcome){ .what = XTBPF_SENT };
	if (xtbpf_ask_helper(s, &req, fds, 2, &in, &reply, &out))
		return answered(-ENOPROTOOPT);
	if (reply.pass)
		return (struct xtbpf_outcome){ .what = XTBPF_CONTINUE };
	if (!xtbpf_still_there(s, n))
		return (struct xtbpf_outcome){ .what = XTBPF_SENT };
	return answered(deliver(n, &reply, &out));
}

struct xtbpf_outcome xtbpf_on_sockopt(struct xtbpf_supervisor *s, const struct seccomp_notif *n)
{
	_cleanup_fd_ int pidfd = -1;
	_cleanup_fd_ int sock = -1;

	if ((int)n->data.args[0] == XTBPF_PROBE_FD && n->data.args[3] == XTBPF_PROBE_PTR)
		return answered(-XTBPF_PROBE_ANSWER);
	pidfd = xtbpf_client_pidfd((pid_t)n->pid);
	if (!xtbpf_still_there(s, n))
		return (struct xtbpf_outcome){ .what = XTBPF_SENT };
	if (pidfd >= 0)
		sock = (int)syscall(SYS_pidfd_getfd, pidfd, (int)n->data.args[0], 0);
	if (sock < 0) {
		int err = pidfd < 0 ? pidfd : -errno;

		if (err == -EBADF)
			return answered(err);
		xtbpf_log(XTBPF_ERR,
			  "process %d: its socket is out of reach (%s); CAP_SYS_PTRACE may help",
			  (int)n->pid, strerror(-err));
		return answered(-EPERM);
	}
	if (!xtbpf_socket_serves(sock, (int)n->data.args[1], (int)n->data.args[2]))
		return (struct xtbpf_outcome){ .what = XTBPF_CONTINUE };
	return consult(s, n, (const int[]){ sock, pidfd });
}
