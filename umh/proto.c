// SPDX-License-Identifier: GPL-2.0-only
/* Messages between xtbpf and xtbpfd; see proto.h. */
#include "proto.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/x_tables.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "cleanup.h"

int xtbpf_body_alloc(size_t size, struct xtbpf_body *out)
{
	_cleanup_fd_ int fd = -1;
	void *p;

	if (size > XTBPF_WIRE_MAX)
		return -E2BIG;
	if (size <= XTBPF_WIRE_INLINE) {
		p = calloc(1, size ? size : 1);
		if (!p)
			return -ENOMEM;
		*out = (struct xtbpf_body){ .data = p, .size = size, .fd = -1 };
		return 0;
	}
	fd = memfd_create("xtbpf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, (off_t)size))
		return -ENOMEM;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	*out = (struct xtbpf_body){ .data = p, .size = size, .fd = xtbpf_steal_fd(&fd) };
	return 0;
}

void xtbpf_body_trim(struct xtbpf_body *body, size_t size)
{
	struct xtbpf_body less;

	if (size >= body->size)
		return;
	if (body->fd < 0) {
		body->size = size;
		return;
	}
	if (size <= XTBPF_WIRE_INLINE) {
		if (xtbpf_body_alloc(size, &less))
			return;
		memcpy(less.data, body->data, size);
		xtbpf_body_release(body);
		*body = less;
		return;
	}
	/* The mapping shrinks with it, so that unmapping stays exact. */
	body->data = mremap(body->data, body->size, size, 0);
	body->size = size;
}

void xtbpf_body_release(struct xtbpf_body *body)
{
	if (body->fd >= 0) {
		munmap(body->data, body->size);
		close(body->fd);
	} else {
		free(body->data);
	}
	*body = XTBPF_BODY_NONE;
}

int xtbpf_wire_send(int sock, struct xtbpf_wire_head *head, size_t headlen, const int *fds,
		    unsigned int nfds, const struct xtbpf_body *body)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(XTBPF_WIRE_NFD * sizeof(int))];
	} control = { 0 };
	struct iovec iov[2] = { { head, headlen }, { NULL, 0 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 1 };
	int all[XTBPF_WIRE_NFD];
	unsigned int n = 0;
	ssize_t sent;

	if (nfds > XTBPF_WIRE_NFD - 1)
		return -EINVAL;
	head->magic = XTBPF_WIRE_MAGIC;
	head->version = XTBPF_WIRE_VERSION;
	head->nfds = nfds;
	head->size = body ? body->size : 0;
	for (; n < nfds; n++)
		all[n] = fds[n];
	if (body && body->fd >= 0) {
		all[n++] = body->fd;
	} else if (body && body->size) {
		iov[1] = (struct iovec){ body->data, body->size };
		msg.msg_iovlen = 2;
	}
	if (n) {
		struct cmsghdr *c;

		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), all, n * sizeof(int));
	}
	do
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* fds that came with a message; closed unless taken out. */
struct received {
	int fd[XTBPF_WIRE_NFD];
	unsigned int n;
	bool extra;
};

static void received_close(struct received *r)
{
	for (unsigned int i = 0; i < XTBPF_WIRE_NFD; i++)
		if (r->fd[i] >= 0)
			close(r->fd[i]);
}

static void received_take(struct received *r, struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (r->n < XTBPF_WIRE_NFD) {
				r->fd[r->n++] = fd;
			} else {
				close(fd);
				r->extra = true;
			}
		}
	}
}

/*
 * Only a memfd: its bytes are there or not, reading it never waits. (What else
 * answers F_GET_SEALS is memory as well.)
 */
static int read_memfd(int fd, size_t size, void *to)
{
	struct stat st;
	size_t at = 0;

	if (fcntl(fd, F_GET_SEALS) < 0 || fstat(fd, &st) || (uint64_t)st.st_size < size)
		return -EPROTO;
	while (at < size) {
		ssize_t n = pread(fd, (char *)to + at, size - at, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EPROTO; /* it shrank meanwhile */
		at += (size_t)n;
	}
	return 0;
}

static int take_body(const struct xtbpf_wire_head *head, const struct received *got,
		     const char *tail, size_t taillen, size_t max, void **out)
{
	_cleanup_free_ void *data = NULL;
	bool in_memfd = head->size > XTBPF_WIRE_INLINE;

	if (head->size > max)
		return -E2BIG;
	if (got->n != head->nfds + in_memfd || taillen != (in_memfd ? 0 : head->size))
		return -EPROTO;
	data = malloc(head->size + 1);
	if (!data)
		return -ENOMEM;
	((char *)data)[head->size] = 0; /* texts end, whatever the peer sent */
	if (in_memfd) {
		int err = read_memfd(got->fd[head->nfds], head->size, data);

		if (err)
			return err;
	} else {
		memcpy(data, tail, taillen);
	}
	*out = xtbpf_steal_ptr(&data);
	return 0;
}

int xtbpf_wire_recv(int sock, struct xtbpf_wire_head *head, size_t headlen, int *fds,
		    struct xtbpf_body *body, size_t max)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE((XTBPF_WIRE_NFD + 1) * sizeof(int))];
	} control;
	__attribute__((cleanup(received_close))) struct received got = { .fd = { -1, -1, -1 } };
	_cleanup_free_ char *tail = malloc(XTBPF_WIRE_INLINE);
	struct iovec iov[2] = { { head, headlen }, { tail, XTBPF_WIRE_INLINE } };
	struct msghdr msg = { .msg_iov = iov,
			      .msg_iovlen = 2,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	void *data;
	ssize_t n;
	int err;

	if (!tail)
		return -ENOMEM;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	received_take(&got, &msg);
	if (n == 0)
		return -ECONNRESET;
	if ((size_t)n < headlen || msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || got.extra ||
	    head->magic != XTBPF_WIRE_MAGIC || head->version != XTBPF_WIRE_VERSION ||
	    head->nfds > XTBPF_WIRE_NFD - 1)
		return -EPROTO;
	err = take_body(head, &got, tail, (size_t)n - headlen, max, &data);
	if (err)
		return err;
	for (unsigned int i = 0; i < XTBPF_WIRE_NFD - 1; i++) {
		fds[i] = i < head->nfds ? got.fd[i] : -1;
		if (i < head->nfds)
			got.fd[i] = -1;
	}
	*body = (struct xtbpf_body){ .data = data, .size = head->size, .fd = -1 };
	return 0;
}

bool xtbpf_wire_reply_sane(const struct xtbpf_wire_reply *r)
{
	uint64_t size = r->head.size;

	if (r->head.kind != XTBPF_WIRE_REPLY || r->err > 0 || r->err < -4095)
		return false;
	if (r->data > size || r->counters > size - r->data ||
	    r->why != size - r->data - r->counters || r->counters % sizeof(struct xt_counters))
		return false;
	return r->skip_at <= r->data && r->skip <= r->data - r->skip_at;
}
