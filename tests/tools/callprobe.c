// SPDX-License-Identifier: GPL-2.0-only
/*
 * callprobe: odd calls of a client, told by what comes back. Its output under
 * `xtbpf run` must be what it is on the kernel's own ip_tables.
 *   matrix   every kind of socket, level, option and bad argument
 *   thread   a call from a thread that does not lead its process
 *   signals  calls under a storm of signals: none may be cut short
 *   setns    a socket made in one namespace and used from another (NETNS)
 *   int80    the 32-bit system calls; x32 likewise
 *   edge     buffers that end at the end of a page
 * Links statically, too.
 */
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static const struct {
	const char *name;
	int domain, type, protocol;
} kinds[] = {
	{ "inet-raw", AF_INET, SOCK_RAW, IPPROTO_RAW },
	{ "inet-udp", AF_INET, SOCK_DGRAM, 0 },
	{ "inet-tcp", AF_INET, SOCK_STREAM, 0 },
	{ "inet-mptcp", AF_INET, SOCK_STREAM, 262 },
	{ "inet6-raw", AF_INET6, SOCK_RAW, IPPROTO_RAW },
	{ "inet6-udp", AF_INET6, SOCK_DGRAM, 0 },
	{ "inet6-tcp", AF_INET6, SOCK_STREAM, 0 },
	{ "unix", AF_UNIX, SOCK_STREAM, 0 },
	{ "netlink", AF_NETLINK, SOCK_RAW, 0 },
	{ "no-socket", -1, 0, 0 },
	{ "no-fd", -2, 0, 0 },
};

static const char *word(long r)
{
	return r < 0 ? strerrorname_np(errno) : "ok";
}

static int open_kind(size_t i)
{
	if (kinds[i].domain == -1)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (kinds[i].domain == -2)
		return -1;
	return socket(kinds[i].domain, kinds[i].type | SOCK_CLOEXEC, kinds[i].protocol);
}

/* One option on one socket, get and set, with arguments good and bad. */
static void options(const char *kind, int fd, int level, int name)
{
	static const int lens[] = { 0, 1, 30, 40, 84, 96, 4096, -1 };
	char buf[4096] = "filter";

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		socklen_t len = (socklen_t)lens[i];
		long r = getsockopt(fd, level, name, buf, &len);

		printf("%s get %d %d len %d: %s\n", kind, level, name, lens[i], word(r));
		memset(buf, 0, sizeof(buf));
		strcpy(buf, "filter");
		r = setsockopt(fd, level, name, buf, (socklen_t)lens[i]);
		printf("%s set %d %d len %d: %s\n", kind, level, name, lens[i], word(r));
		r = getsockopt(fd, level, name, NULL, &len);
		printf("%s get %d %d NULL len %d: %s\n", kind, level, name, lens[i], word(r));
		r = setsockopt(fd, level, name, NULL, (socklen_t)lens[i]);
		printf("%s set %d %d NULL len %d: %s\n", kind, level, name, lens[i], word(r));
	}
	printf("%s get %d %d no optlen: %s\n", kind, level, name,
	       word(syscall(SYS_getsockopt, fd, level, name, buf, NULL)));
}

static int matrix(void)
{
	static const int levels[] = { SOL_IP, SOL_IPV6, IPPROTO_TCP };

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		int fd = open_kind(k);

		if (fd < 0 && kinds[k].domain != -2) {
			printf("%s: %s\n", kinds[k].name, word(fd));
			continue;
		}
		for (size_t l = 0; l < sizeof(levels) / sizeof(levels[0]); l++)
			for (int name = 63; name <= 70; name++)
				options(kinds[k].name, fd, levels[l], name);
		if (fd >= 0)
			close(fd);
	}
	return 0;
}

static long get_info(int fd, struct ipt_getinfo *info)
{
	socklen_t len = sizeof(*info);

	*info = (struct ipt_getinfo){ .name = "filter" };
	return getsockopt(fd, SOL_IP, IPT_SO_GET_INFO, info, &len);
}

static void *in_thread(void *arg)
{
	struct ipt_getinfo info;
	long r = get_info(*(int *)arg, &info);

	printf("thread: %s, %u entries\n", word(r), r ? 0 : info.num_entries);
	return NULL;
}

static int thread(int fd)
{
	pthread_t t;

	if (pthread_create(&t, NULL, in_thread, &fd))
		return 1;
	return pthread_join(t, NULL);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	alarms++;
}

static int signals(int fd)
{
	struct sigaction sa = { .sa_handler = on_alarm }; /* no SA_RESTART */
	struct itimerval often = { { 0, 200 }, { 0, 200 } };
	struct ipt_getinfo info;
	int failed = 0;

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	/* A signal that comes before anybody heard of the call may end it: nothing happened yet. */
	for (int i = 0; i < 5000; i++)
		failed += get_info(fd, &info) < 0 && errno != EINTR;
	printf("signals: %d failed, %s\n", failed, alarms > 10 ? "many came" : "few came");
	return failed != 0;
}

static int other_ns(int fd, const char *path)
{
	struct ipt_getinfo info;
	int ns = open(path, O_RDONLY | O_CLOEXEC);
	long r;

	if (ns < 0 || setns(ns, CLONE_NEWNET)) {
		perror(path);
		return 1;
	}
	/* The socket stays where it was made, and so do its tables. */
	r = get_info(fd, &info);
	printf("setns: %s, %u entries\n", word(r), r ? 0 : info.num_entries);
	return 0;
}

#ifdef __x86_64__
static long int80(long nr, long a, long b, long c, long d, long e)
{
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

static int other_abi(int fd)
{
	char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t *args = (uint32_t *)(low + 4096);
	const uint32_t call[] = { (uint32_t)fd, SOL_IP, IPT_SO_GET_INFO, (uint32_t)(uintptr_t)low,
				  (uint32_t)(uintptr_t)(low + 2048) };
	const uint32_t other[] = { (uint32_t)fd, SOL_SOCKET, SO_TYPE, (uint32_t)(uintptr_t)low,
				   (uint32_t)(uintptr_t)(low + 2048) };
	uint32_t len = 84;
	long r;

	if (low == MAP_FAILED)
		return 1;
	strcpy(low, "filter");
	memcpy(low + 2048, &len, 4);
	memcpy(args, call, sizeof(call));
	r = int80(102, 15, (long)args, 0, 0, 0); /* socketcall, SYS_GETSOCKOPT */
	printf("int80 socketcall: %s\n", r ? strerrorname_np((int)-r) : "ok");
	r = int80(365, fd, SOL_IP, IPT_SO_GET_INFO, (long)low, (long)(low + 2048));
	printf("int80 getsockopt: %s\n", r ? strerrorname_np((int)-r) : "ok");
	memcpy(args, other, sizeof(other));
	r = int80(102, 15, (long)args, 0, 0, 0);
	printf("int80 other option: %s\n", r ? strerrorname_np((int)-r) : "ok");
	r = int80(102, 15, 0, 0, 0, 0);
	printf("int80 no arguments: %s\n", r ? strerrorname_np((int)-r) : "ok");
	r = syscall(0x40000000 | 542, fd, SOL_IP, IPT_SO_GET_INFO, low, low + 2048);
	printf("x32 getsockopt: %s\n", word(r));
	return 0;
}
#else
static int other_abi(int fd)
{
	return 0;
}
#endif

/* Buffers that touch memory which is not there: read-only, or ending early. */
static int edge(int fd)
{
	const size_t page = 4096, size = sizeof(struct ipt_getinfo);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	socklen_t len = sizeof(struct ipt_getinfo);

	if (p == MAP_FAILED || munmap(p + page, page))
		return 1;
	for (size_t keep = 0; keep <= size; keep += 7) {
		char *at = p + page - keep;

		memset(p, 0, page);
		memcpy(at, "filter", keep < 7 ? keep : 7);
		printf("edge %zu bytes: %s\n", keep,
		       word(getsockopt(fd, SOL_IP, IPT_SO_GET_INFO, at, &len)));
	}
	strcpy(p, "filter");
	printf("edge set 2000 of 4096: %s\n",
	       word(setsockopt(fd, SOL_IP, IPT_SO_SET_REPLACE, p + page - 2000, 4096)));
	mprotect(p, page, PROT_READ);
	printf("edge read-only: %s\n", word(getsockopt(fd, SOL_IP, IPT_SO_GET_INFO, p, &len)));
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* not root */
	if (!strcmp(what, "matrix"))
		return matrix();
	if (!strcmp(what, "thread"))
		return thread(fd);
	if (!strcmp(what, "signals"))
		return signals(fd);
	if (!strcmp(what, "setns") && argc > 2)
		return other_ns(fd, argv[2]);
	if (!strcmp(what, "int80"))
		return other_abi(fd);
	if (!strcmp(what, "edge"))
		return edge(fd);
	fprintf(stderr, "usage: callprobe matrix|thread|signals|setns NETNS|int80|edge\n");
	return 2;
}
