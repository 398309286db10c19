// SPDX-License-Identifier: GPL-2.0-only
/* Messages between xtbpf and xtbpfd, honest and otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "umh/proto.h"

static int pair[2];

static int setup(void **state)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair);
}

static int teardown(void **state)
{
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static struct xtbpf_wire_request got;
static int fds[2];
static struct xtbpf_body body;

static int receive(size_t max)
{
	memset(&got, 0, sizeof(got));
	fds[0] = fds[1] = -7;
	body = XTBPF_BODY_NONE;
	return xtbpf_wire_recv(pair[1], &got.head, sizeof(got), fds, &body, max);
}

static void round_trip(size_t size)
{
	struct xtbpf_wire_request req = { .head.kind = XTBPF_WIRE_CALL, .optname = 64 };
	struct xtbpf_body out;

	assert_int_equal(xtbpf_body_alloc(size, &out), 0);
	for (size_t i = 0; i < size; i++)
		((uint8_t *)out.data)[i] = (uint8_t)(i * 7);
	assert_int_equal(xtbpf_wire_send(pair[0], &req.head, sizeof(req), pair, 2, &out), 0);
	assert_int_equal(receive(XTBPF_WIRE_MAX), 0);
	assert_int_equal(got.optname, 64);
	assert_int_equal(body.size, size);
	if (size)
		assert_memory_equal(body.data, out.data, size);
	assert_true(fds[0] >= 0 && fds[1] >= 0);
	assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	close(fds[0]);
	close(fds[1]);
	xtbpf_body_release(&body);
	xtbpf_body_release(&out);
}

static void sizes(void **state)
{
	round_trip(0);
	round_trip(1);
	round_trip(XTBPF_WIRE_INLINE);
	round_trip(XTBPF_WIRE_INLINE + 1);
	round_trip(5 << 20);
}

static void trimmed(void **state)
{
	struct xtbpf_body b;

	assert_int_equal(xtbpf_body_alloc(1 << 20, &b), 0);
	assert_true(b.fd >= 0);
	memset(b.data, 0x5a, 1 << 20);
	xtbpf_body_trim(&b, 100000);
	assert_int_equal(b.size, 100000);
	assert_int_equal(((uint8_t *)b.data)[99999], 0x5a);
	xtbpf_body_trim(&b, 10); /* now it travels inline */
	assert_int_equal(b.fd, -1);
	assert_int_equal(b.size, 10);
	assert_int_equal(((uint8_t *)b.data)[9], 0x5a);
	xtbpf_body_trim(&b, 20);
	assert_int_equal(b.size, 10);
	xtbpf_body_release(&b);
	assert_int_equal(xtbpf_body_alloc(XTBPF_WIRE_MAX + 1, &b), -E2BIG);
}

static struct xtbpf_wire_request head(uint32_t nfds, uint64_t size)
{
	return (struct xtbpf_wire_request){ .head = { .magic = XTBPF_WIRE_MAGIC,
						      .version = XTBPF_WIRE_VERSION,
						      .kind = XTBPF_WIRE_CALL,
						      .nfds = nfds,
						      .size = size } };
}

/* Send raw bytes, with fds that the message may not have announced. */
static void raw(const void *data, size_t len, const int *send_fds, size_t n)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(8 * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		struct cmsghdr *c;

		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), send_fds, n * sizeof(int));
	}
	assert_int_equal(sendmsg(pair[0], &msg, 0), len);
}

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void hostile(void **state)
{
	struct xtbpf_wire_request r = head(0, 0);
	int many[6] = { 0, 1, 2, 0, 1, 2 }, before = open_fds(), memfd, pipefd[2];
	char big[sizeof(r) + 64];

	raw(&r, 3, NULL, 0); /* cut short */
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	r.head.magic++;
	raw(&r, sizeof(r), NULL, 0);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	r = head(0, 0);
	r.head.version++;
	raw(&r, sizeof(r), NULL, 0);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	r = head(0xffffffff, 0);
	raw(&r, sizeof(r), NULL, 0);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	r = head(2, 0); /* announces fds and sends none, or too many */
	raw(&r, sizeof(r), NULL, 0);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	raw(&r, sizeof(r), many, 6);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	r = head(1, 0);
	raw(&r, sizeof(r), many, 2);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	r = head(0, 100); /* a body shorter, or longer, than announced */
	memset(big, 0, sizeof(big));
	memcpy(big, &r, sizeof(r));
	raw(big, sizeof(big), NULL, 0);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	r = head(0, UINT64_MAX);
	raw(&r, sizeof(r), NULL, 0);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -E2BIG);
	r = head(0, 1 << 20);
	raw(&r, sizeof(r), many, 1); /* a body that is no memfd */
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	assert_int_equal(pipe(pipefd), 0);
	raw(&r, sizeof(r), pipefd, 1); /* must not wait for a pipe */
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	close(pipefd[0]);
	close(pipefd[1]);
	memfd = memfd_create("short", MFD_CLOEXEC);
	assert_int_equal(ftruncate(memfd, (1 << 20) - 1), 0);
	raw(&r, sizeof(r), &memfd, 1);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EPROTO);
	assert_int_equal(ftruncate(memfd, 1 << 20), 0);
	raw(&r, sizeof(r), &memfd, 1);
	assert_int_equal(receive(1000), -E2BIG);
	close(memfd);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -EAGAIN);
	assert_int_equal(open_fds(), before);
	shutdown(pair[0], SHUT_RDWR);
	assert_int_equal(receive(XTBPF_WIRE_MAX), -ECONNRESET);
}

static void replies(void **state)
{
	struct xtbpf_wire_reply r = { .head = { .kind = XTBPF_WIRE_REPLY, .size = 100 },
				      .data = 50,
				      .counters = 32,
				      .why = 18 };

	assert_true(xtbpf_wire_reply_sane(&r));
	r.why = 19;
	assert_false(xtbpf_wire_reply_sane(&r));
	r.why = 18;
	r.skip_at = 40;
	r.skip = 10;
	assert_true(xtbpf_wire_reply_sane(&r));
	r.skip = 11;
	assert_false(xtbpf_wire_reply_sane(&r));
	r.skip = UINT64_MAX - 20;
	assert_false(xtbpf_wire_reply_sane(&r));
	r.skip = 0;
	r.data = UINT64_MAX - 31;
	r.counters = 64;
	r.why = 68;
	assert_false(xtbpf_wire_reply_sane(&r));
	r.data = 51; /* half a counter */
	r.counters = 31;
	r.why = 18;
	assert_false(xtbpf_wire_reply_sane(&r));
	r.data = 50;
	r.counters = 32;
	r.err = 1;
	assert_false(xtbpf_wire_reply_sane(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sizes, setup, teardown),
		cmocka_unit_test(trimmed),
		cmocka_unit_test_setup_teardown(hostile, setup, teardown),
		cmocka_unit_test(replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
