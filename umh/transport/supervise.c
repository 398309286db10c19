// SPDX-License-Identifier: GPL-2.0-only
/* The supervisor's loop. */
#include <errno.h>
#include <linux/audit.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../client.h"
#include "../log.h"
#include "../paths.h"
#include "filter.h"
#include "transport.h"

bool xtbpf_still_there(const struct xtbpf_supervisor *s, const struct seccomp_notif *n)
{
	uint64_t id = n->id;

	return !ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

int xtbpf_ask_helper(struct xtbpf_supervisor *s, struct xtbpf_wire_request *req, const int *fds,
		     unsigned int nfds, const struct xtbpf_body *in, struct xtbpf_wire_reply *reply,
		     struct xtbpf_body *body)
{
	int err = -ENOTCONN;

	/* The second time round with a helper that is surely alive. */
	for (int attempt = 0; attempt < 2; attempt++) {
		if (s->helper < 0)
			s->helper = xtbpf_helper();
		if (s->helper < 0) {
			err = s->helper;
			break;
		}
		err = xtbpf_exchange(s->helper, req, fds, nfds, in, reply, body);
		if (!err)
			return 0;
		close(s->helper);
		s->helper = -1;
		if (err == -ETIMEDOUT)
			break;
	}
	xtbpf_log(XTBPF_ERR,
		  "no answer from the helper (%s); nothing is known to have changed. Look at xtbpf "
		  "status and %s/xtbpfd.log, then try again",
		  strerror(-err), xtbpf_rundir());
	return err;
}

static struct xtbpf_outcome dispatch(struct xtbpf_supervisor *s, const struct seccomp_notif *n)
{
	if (n->data.arch != AUDIT_ARCH_X86_64 || (uint32_t)n->data.nr & XTBPF_X32_BIT)
		return xtbpf_on_other_abi(s, n);
	switch (n->data.nr) {
	case SYS_setsockopt:
	case SYS_getsockopt:
		return xtbpf_on_sockopt(s, n);
	case SYS_open:
	case SYS_openat:
		return xtbpf_on_open(s, n);
	case SYS_socket:
		return xtbpf_on_netlink(s, n);
	default:
		return (struct xtbpf_outcome){ .what = XTBPF_CONTINUE };
	}
}

static void respond(struct xtbpf_supervisor *s, const struct seccomp_notif *n)
{
	struct seccomp_notif_resp resp = { .id = n->id };
	struct xtbpf_outcome o = dispatch(s, n);

	if (o.what == XTBPF_SENT)
		return;
	if (o.what == XTBPF_CONTINUE)
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		resp.error = o.err;
	/* ENOENT: the caller was killed meanwhile. */
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) && errno != ENOENT)
		xtbpf_log(XTBPF_ERR, "answer to process %d: %m", (int)n->pid);
}

void xtbpf_supervise(struct xtbpf_supervisor *s)
{
	/* A later kernel's notification may be longer than ours, never differently laid out. */
	union {
		struct seccomp_notif n;
		char room[1024];
	} buf;

	for (;;) {
		struct pollfd pfd = { .fd = s->listener, .events = POLLIN };

		if (poll(&pfd, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (!(pfd.revents & POLLIN)) {
			if (pfd.revents) /* POLLHUP: nobody is left under the filter */
				return;
			continue;
		}
		memset(&buf, 0, sizeof(buf)); /* the kernel insists */
		if (!ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &buf))
			respond(s, &buf.n);
		else if (errno != ENOENT && errno != EINTR)
			return;
	}
}
