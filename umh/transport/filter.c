// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seccomp program; see filter.h. Built by hand and not by libseccomp: 2.5.4
 * cannot ask for WAIT_KILLABLE_RECV, compares 64-bit arguments where the kernel
 * takes the low 32 bits, and offers no way to tell socketcall's calls apart.
 */
#include "filter.h"

#include <netinet/in.h> /* before linux/in.h, which then yields */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __x86_64__
#error "the seccomp program knows x86_64 and its 32-bit relatives only"
#endif

struct build {
	struct sock_filter *prog;
	size_t n;
};

static void put(struct build *b, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	assert(b->n < XTBPF_FILTER_MAX); /* its length is a constant, which a test knows */
	b->prog[b->n++] = (struct sock_filter){ .code = code, .k = k, .jt = jt, .jf = jf };
}

static void load(struct build *b, size_t off)
{
	put(b, BPF_LD | BPF_W | BPF_ABS, (uint32_t)off, 0, 0);
}

/* The low half of an argument: all that the kernel looks at when it is an int. Little endian. */
static void load_arg(struct build *b, unsigned int i)
{
	load(b, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t));
}

static void verdict(struct build *b, uint32_t action)
{
	put(b, BPF_RET | BPF_K, action, 0, 0);
}

/* A block that runs when the accumulator equals k; end_if() closes it. */
static size_t if_equal(struct build *b, uint32_t k)
{
	put(b, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 0);
	return b->n - 1;
}

static void end_if(struct build *b, size_t block)
{
	b->prog[block].jf = (uint8_t)(b->n - block - 1);
}

static void notify_if_equal(struct build *b, uint32_t k)
{
	put(b, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	verdict(b, SECCOMP_RET_USER_NOTIF);
}

static const int options4[] = { IPT_SO_SET_REPLACE, IPT_SO_SET_ADD_COUNTERS,
				IPT_SO_GET_REVISION_MATCH, IPT_SO_GET_REVISION_TARGET };
static const int options6[] = { IP6T_SO_SET_REPLACE, IP6T_SO_SET_ADD_COUNTERS,
				IP6T_SO_GET_REVISION_MATCH, IP6T_SO_GET_REVISION_TARGET };
#define NOPTIONS (sizeof(options4) / sizeof(options4[0]))

bool xtbpf_filter_ours(int level, int optname)
{
	const int *o = level == SOL_IP ? options4 : options6;

	if (level != SOL_IP && level != SOL_IPV6)
		return false;
	for (size_t i = 0; i < NOPTIONS; i++)
		if (o[i] == optname)
			return true;
	return false;
}

/* [gs]etsockopt(fd, level, optname, ...): the numbers mean both a set and a get. */
static void sockopt(struct build *b)
{
	size_t block;

	load_arg(b, 1);
	block = if_equal(b, SOL_IP);
	load_arg(b, 2);
	for (size_t i = 0; i < NOPTIONS; i++)
		notify_if_equal(b, (uint32_t)options4[i]);
	verdict(b, SECCOMP_RET_ALLOW);
	end_if(b, block);
	block = if_equal(b, SOL_IPV6);
	load_arg(b, 2);
	for (size_t i = 0; i < NOPTIONS; i++)
		notify_if_equal(b, (uint32_t)options6[i]);
	end_if(b, block);
	verdict(b, SECCOMP_RET_ALLOW);
}

/* The names file is opened for reading; whoever writes, creates or lists is left alone. */
static void open_for_reading(struct build *b, unsigned int flags_arg)
{
	load_arg(b, flags_arg);
	put(b, BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_DIRECTORY | O_PATH, 1,
	    0);
	verdict(b, SECCOMP_RET_USER_NOTIF);
	verdict(b, SECCOMP_RET_ALLOW);
}

static void netfilter_socket(struct build *b)
{
	size_t block;

	load_arg(b, 0);
	block = if_equal(b, AF_NETLINK);
	load_arg(b, 2);
	notify_if_equal(b, NETLINK_NETFILTER);
	end_if(b, block);
	verdict(b, SECCOMP_RET_ALLOW);
}

static void x86_64(struct build *b)
{
	size_t block;

	load(b, offsetof(struct seccomp_data, nr));
	block = if_equal(b, SYS_setsockopt);
	sockopt(b);
	end_if(b, block);
	block = if_equal(b, SYS_getsockopt);
	sockopt(b);
	end_if(b, block);
	block = if_equal(b, SYS_openat);
	open_for_reading(b, 2);
	end_if(b, block);
	block = if_equal(b, SYS_open);
	open_for_reading(b, 1);
	end_if(b, block);
	block = if_equal(b, SYS_socket);
	netfilter_socket(b);
	end_if(b, block);
	block = if_equal(b, XTBPF_X32_BIT | XTBPF_X32_SETSOCKOPT);
	sockopt(b);
	end_if(b, block);
	block = if_equal(b, XTBPF_X32_BIT | XTBPF_X32_GETSOCKOPT);
	sockopt(b);
	end_if(b, block);
	verdict(b, SECCOMP_RET_ALLOW);
}

static void i386(struct build *b)
{
	size_t block;

	load(b, offsetof(struct seccomp_data, nr));
	block = if_equal(b, XTBPF_I386_SETSOCKOPT);
	sockopt(b);
	end_if(b, block);
	block = if_equal(b, XTBPF_I386_GETSOCKOPT);
	sockopt(b);
	end_if(b, block);
	block = if_equal(b, XTBPF_I386_SOCKETCALL);
	load_arg(b, 0);
	notify_if_equal(b, SYS_SETSOCKOPT);
	notify_if_equal(b, SYS_GETSOCKOPT);
	end_if(b, block);
	verdict(b, SECCOMP_RET_ALLOW);
}

size_t xtbpf_filter_build(struct sock_filter *prog)
{
	struct build b = { prog, 0 };
	size_t block;

	load(&b, offsetof(struct seccomp_data, arch));
	block = if_equal(&b, AUDIT_ARCH_I386);
	i386(&b);
	end_if(&b, block);
	block = if_equal(&b, AUDIT_ARCH_X86_64);
	x86_64(&b);
	end_if(&b, block);
	verdict(&b, SECCOMP_RET_ALLOW);
	return b.n;
}

int xtbpf_filter_install(void)
{
	struct sock_filter prog[XTBPF_FILTER_MAX];
	struct sock_fprog fprog = { .len = (unsigned short)xtbpf_filter_build(prog),
				    .filter = prog };
	unsigned int flags =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);

	if (fd < 0 && errno == EACCES) {
		/* Without CAP_SYS_ADMIN only for tasks that can gain nothing by exec. */
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			return -errno;
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);
	}
	return fd < 0 ? -errno : (int)fd;
}

bool xtbpf_filter_nested(void)
{
	return syscall(SYS_getsockopt, XTBPF_PROBE_FD, SOL_IP, IPT_SO_GET_INFO, XTBPF_PROBE_PTR,
		       NULL) < 0 &&
	       errno == XTBPF_PROBE_ANSWER;
}
