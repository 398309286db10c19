// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's two neighbours, made to misbehave: a client that makes one odd
 * socket-option call (or many), and a helper that answers late, never, wrongly.
 *
 *   kmodtest call 4|6 get|set OPT LEN [edge|i386]   one call; prints its errno's name
 *   kmodtest flood N                                N processes, one GET_INFO each;
 *                                                   prints "COUNT ERRNO" lines
 *   kmodtest udp ADDRESS PORT COUNT                 datagrams of 1, 2, 3... bytes; errnos
 *   kmodtest tcp ADDRESS PORT                       one SYN, and what came of it in 0.3 s
 *   kmodtest helper [delay=MS] [err=N] [size=N] [hold] [mute] [child] [version=N]
 *                   one line on stdout for each request; runs until killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xtbpf/wire.h>

static const char *error_name(int err)
{
	return err ? strerrorname_np(err) : "OK";
}

/* ---- clients ----------------------------------------------------------- */

/* Memory below 4 GiB whose end borders on an unmapped page. */
static char *edge_buffer(size_t len)
{
	size_t size = (len + 4095) / 4096 * 4096 + 4096;
	char *map = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (map == MAP_FAILED || munmap(map + size, 4096))
		return NULL;
	return map + size;
}

/* The same call through the 32-bit entry: in_compat_syscall() holds. */
static int call_i386(bool set, int fd, int level, int opt, char *buf, unsigned int *len)
{
	unsigned int size = *len;
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(set ? 366 : 365), "b"(fd), "c"(level), "d"(opt), "S"(buf),
			   "D"(set ? (void *)(unsigned long)size : len)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret < 0 ? -ret : 0;
}

static int cmd_call(int argc, char **argv)
{
	bool v6 = !strcmp(argv[0], "6"), set = !strcmp(argv[1], "set");
	const char *how = argc > 4 ? argv[4] : "";
	int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP, opt = atoi(argv[2]), err = 0;
	long len = atol(argv[3]);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	char *end = edge_buffer(len > 0 ? len : 0);
	char *lenbuf = edge_buffer(0);
	char *buf;
	unsigned int *lenp = (unsigned int *)(lenbuf - 64);

	if (fd < 0 || !end || !lenbuf)
		return 2;
	/* edge: only its first 16 bytes are mapped */
	buf = end - (!strcmp(how, "edge") ? 16 : len > 0 ? len : 0);
	if (end - buf >= 16)
		strcpy(buf, "filter");
	*lenp = len;
	if (!strcmp(how, "i386"))
		err = call_i386(set, fd, level, opt, buf, lenp);
	else if (set)
		err = setsockopt(fd, level, opt, buf, len) ? errno : 0;
	else
		err = getsockopt(fd, level, opt, buf, lenp) ? errno : 0;
	puts(error_name(err));
	return 0;
}

static int cmd_flood(int argc, char **argv)
{
	int n = atoi(argv[0]), count[256] = { 0 }, status;
	int i;

	for (i = 0; i < n; i++) {
		if (!fork()) {
			struct ipt_getinfo info = { .name = "filter" };
			socklen_t len = sizeof(info);
			int fd = socket(AF_INET, SOCK_DGRAM, 0);

			_exit(getsockopt(fd, 0, IPT_SO_GET_INFO, &info, &len) ? errno : 0);
		}
	}
	while (wait(&status) > 0)
		count[WIFEXITED(status) ? WEXITSTATUS(status) : 255]++;
	for (i = 0; i < 256; i++)
		if (count[i])
			printf("%d %s\n", count[i], error_name(i));
	return 0;
}

/* Traffic whose packets can be counted beforehand. */
static int cmd_udp(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), n = atoi(argv[2]);
	static const char zero[1400];

	inet_pton(AF_INET, argv[0], &to.sin_addr);
	for (int i = 1; i <= n; i++) {
		ssize_t sent = sendto(fd, zero, i, 0, (struct sockaddr *)&to, sizeof(to));

		printf("udp %s %s: %s\n", argv[0], argv[1], error_name(sent < 0 ? errno : 0));
		usleep(2000);
	}
	return 0;
}

static int cmd_tcp(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), err = 0;
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(err);

	inet_pton(AF_INET, argv[0], &to.sin_addr);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		err = errno;
	else if (poll(&pfd, 1, 300) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	else
		err = EINPROGRESS;
	printf("tcp %s %s: %s\n", argv[0], argv[1], error_name(err));
	return 0;
}

/* ---- a helper ----------------------------------------------------------- */

struct manner {
	unsigned int delay, version, size;
	int err;
	bool hold, mute, child;
};

static void serve(int dev, const struct manner *how)
{
	static char buf[1 << 20];
	struct xtbpf_kmod_request req;
	struct xtbpf_kmod_fetch fetch = { .data = (unsigned long)buf, .size = sizeof(buf) };
	struct xtbpf_kmod_reply reply = { .data = (unsigned long)buf };
	struct stat st = { 0 };
	int ns, sent = 0;

	if (read(dev, &req, sizeof(req)) != sizeof(req))
		return;
	fetch.id = reply.id = req.id;
	ns = ioctl(dev, XTBPF_KMOD_FETCH, &fetch);
	if (ns < 0 || fstat(ns, &st) || st.st_ino != req.netns_ino)
		printf("FETCH failed\n");
	close(ns);
	printf("v%u %s %s opt %d len %lld size %u uid %u host %d name %.16s comm %s\n", req.version,
	       req.family == AF_INET ? "inet" : "inet6", req.flags & XTBPF_KMOD_SET ? "set" : "get",
	       req.optname, (long long)req.optlen, req.size, req.uid,
	       !!(req.flags & XTBPF_KMOD_HOST), req.size ? buf : "-", req.comm);
	if (how->hold)
		return;
	usleep(how->delay * 1000);
	reply.err = -how->err;
	reply.size = how->size;
	if (ioctl(dev, XTBPF_KMOD_REPLY, &reply))
		sent = errno;
	printf("reply %s\n", error_name(sent));
}

static int cmd_helper(int argc, char **argv)
{
	struct manner how = { .version = XTBPF_KMOD_VERSION };
	struct pollfd pfd = { .events = POLLIN };
	int i;

	for (i = 0; i < argc; i++) {
		if (sscanf(argv[i], "delay=%u", &how.delay) ||
		    sscanf(argv[i], "err=%d", &how.err) ||
		    sscanf(argv[i], "version=%u", &how.version) ||
		    sscanf(argv[i], "size=%u", &how.size))
			continue;
		how.hold |= !strcmp(argv[i], "hold");
		how.mute |= !strcmp(argv[i], "mute");
		how.child |= !strcmp(argv[i], "child");
	}
	setlinebuf(stdout);
	pfd.fd = open(XTBPF_KMOD_DEVICE, O_RDWR | O_CLOEXEC);
	if (pfd.fd < 0 || (!how.mute && ioctl(pfd.fd, XTBPF_KMOD_HELLO, &how.version))) {
		puts(error_name(errno));
		return 1;
	}
	if (how.child && !fork()) {
		sleep(20);
		_exit(0);
	}
	puts("ready");
	while (poll(&pfd, 1, -1) > 0 && !(pfd.revents & POLLERR))
		serve(pfd.fd, &how);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 6 && !strcmp(argv[1], "call"))
		return cmd_call(argc - 2, argv + 2);
	if (argc == 3 && !strcmp(argv[1], "flood"))
		return cmd_flood(argc - 2, argv + 2);
	if (argc == 5 && !strcmp(argv[1], "udp"))
		return cmd_udp(argc - 2, argv + 2);
	if (argc == 4 && !strcmp(argv[1], "tcp"))
		return cmd_tcp(argc - 2, argv + 2);
	if (argc >= 2 && !strcmp(argv[1], "helper"))
		return cmd_helper(argc - 2, argv + 2);
	fprintf(stderr, "usage: see the head of the source\n");
	return 2;
}
