// SPDX-License-Identifier: GPL-2.0-only
/* The seccomp program, run by a small interpreter of classic BPF on calls of every ABI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "umh/transport/filter.h"
#include "umh/transport/transport.h"

static struct sock_filter prog[XTBPF_FILTER_MAX];
static size_t len;

static uint32_t run(uint32_t arch, uint32_t nr, const uint64_t *args)
{
	struct seccomp_data d = { .arch = arch, .nr = (int)nr };
	uint32_t a = 0;

	memcpy(d.args, args, sizeof(d.args));
	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *f = &prog[pc];
		bool take = false;

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(f->k % 4 == 0 && f->k + 4 <= sizeof(d));
			memcpy(&a, (char *)&d + f->k, 4);
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			take = a == f->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			take = a & f->k;
			break;
		default:
			fail_msg("instruction %zu: code %x", pc, f->code);
		}
		pc += take ? f->jt : f->jf;
	}
	fail_msg("ran off the end");
	return 0;
}

#define CALL(arch, nr, ...) run(arch, nr, (const uint64_t[6]){ __VA_ARGS__ })
#define TRAP SECCOMP_RET_USER_NOTIF
#define PASS SECCOMP_RET_ALLOW
#define X64 AUDIT_ARCH_X86_64
#define X86 AUDIT_ARCH_I386

static bool ours(int level, int name)
{
	return (level == 0 && name >= 64 && name <= 67) ||
	       (level == 41 && (name == 64 || name == 65 || name == 68 || name == 69));
}

static void socket_options(void **state)
{
	static const struct {
		uint32_t arch, nr;
	} calls[] = {
		{ X64, SYS_setsockopt },
		{ X64, SYS_getsockopt },
		{ X64, XTBPF_X32_BIT | XTBPF_X32_SETSOCKOPT },
		{ X64, XTBPF_X32_BIT | XTBPF_X32_GETSOCKOPT },
		{ X86, XTBPF_I386_SETSOCKOPT },
		{ X86, XTBPF_I386_GETSOCKOPT },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (unsigned int level = 0; level < 300; level++)
			for (unsigned int name = 0; name < 100; name++) {
				uint32_t want = ours((int)level, (int)name) ? TRAP : PASS;

				assert_int_equal(CALL(calls[i].arch, calls[i].nr, 3, level, name),
						 want);
				assert_int_equal(xtbpf_filter_ours((int)level, (int)name),
						 want == TRAP);
			}
	/* The kernel takes ints: junk above them must not slip past. */
	assert_int_equal(CALL(X64, SYS_setsockopt, 3, 1ull << 32, 64 | 1ull << 40), TRAP);
	assert_int_equal(CALL(X64, SYS_getsockopt, 3, 41 | 0xfull << 60, 65), TRAP);
}

static void opens(void **state)
{
	assert_int_equal(CALL(X64, SYS_openat, 0, 0, O_RDONLY | O_CLOEXEC), TRAP);
	assert_int_equal(CALL(X64, SYS_open, 0, O_RDONLY, 0), TRAP);
	assert_int_equal(CALL(X64, SYS_open, 0, O_WRONLY, 0), PASS);
	assert_int_equal(CALL(X64, SYS_openat, 0, 0, O_RDWR), PASS);
	assert_int_equal(CALL(X64, SYS_openat, 0, 0, O_RDONLY | O_CREAT), PASS);
	assert_int_equal(CALL(X64, SYS_openat, 0, 0, O_RDONLY | O_DIRECTORY), PASS);
	assert_int_equal(CALL(X64, SYS_openat, 0, 0, O_PATH), PASS);
}

static void sockets(void **state)
{
	assert_int_equal(CALL(X64, SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER), TRAP);
	assert_int_equal(CALL(X64, SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), PASS);
	assert_int_equal(CALL(X64, SYS_socket, AF_INET, SOCK_RAW, NETLINK_NETFILTER), PASS);
	assert_int_equal(CALL(X86, XTBPF_I386_SOCKETCALL, SYS_SETSOCKOPT), TRAP);
	assert_int_equal(CALL(X86, XTBPF_I386_SOCKETCALL, SYS_GETSOCKOPT), TRAP);
	for (uint64_t i = 0; i < 32; i++)
		if (i != SYS_SETSOCKOPT && i != SYS_GETSOCKOPT)
			assert_int_equal(CALL(X86, XTBPF_I386_SOCKETCALL, i), PASS);
}

/* Nothing else is slowed down, whatever its arguments. */
static void others(void **state)
{
	for (uint32_t nr = 0; nr < 1024; nr++) {
		bool x64 = nr == SYS_setsockopt || nr == SYS_getsockopt || nr == SYS_open ||
			   nr == SYS_openat || nr == SYS_socket;
		bool x86 = nr == XTBPF_I386_SETSOCKOPT || nr == XTBPF_I386_GETSOCKOPT ||
			   nr == XTBPF_I386_SOCKETCALL;

		if (!x64)
			assert_int_equal(CALL(X64, nr, 15, 0, 64), PASS);
		if (!x86)
			assert_int_equal(CALL(X86, nr, 15, 0, 64), PASS);
	}
	assert_int_equal(CALL(AUDIT_ARCH_AARCH64, SYS_setsockopt, 3, 0, 64), PASS);
}

static void paths(void **state)
{
	static const struct {
		const char *path;
		int family; /* -1: not one of them */
		pid_t owner;
	} cases[] = {
		{ "/proc/net/ip_tables_names", XTBPF_IPV4, 0 },
		{ "/proc/net/ip6_tables_names", XTBPF_IPV6, 0 },
		{ "/proc/self/net/ip_tables_names", XTBPF_IPV4, 0 },
		{ "/proc/thread-self/net/ip6_tables_names", XTBPF_IPV6, 0 },
		{ "/proc/1234/net/ip_tables_names", XTBPF_IPV4, 1234 },
		{ "/proc/net/ip_tables_names2", -1, 0 },
		{ "/proc/net/ip_tables_name", -1, 0 },
		{ "/proc/net/ip_tables_matches", -1, 0 },
		{ "/proc/0/net/ip_tables_names", -1, 0 },
		{ "/proc/12x/net/ip_tables_names", -1, 0 },
		{ "/proc/99999999999999999999/net/ip_tables_names", -1, 0 },
		{ "/proc/4294967297/net/ip_tables_names", -1, 0 },
		{ "/proc/self/self/net/ip_tables_names", -1, 0 },
		{ "proc/net/ip_tables_names", -1, 0 },
		{ "/etc/hosts", -1, 0 },
		{ "", -1, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum xtbpf_family family = XTBPF_NFAMILY;
		pid_t owner = -1;
		bool is = xtbpf_names_path(cases[i].path, &family, &owner);

		assert_int_equal(is, cases[i].family >= 0);
		if (is) {
			assert_int_equal((int)family, cases[i].family);
			assert_int_equal(owner, cases[i].owner);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(socket_options), cmocka_unit_test(opens),
		cmocka_unit_test(sockets),	  cmocka_unit_test(others),
		cmocka_unit_test(paths),
	};

	len = xtbpf_filter_build(prog);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
