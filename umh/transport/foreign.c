// SPDX-License-Identifier: GPL-2.0-only
/* Callers that cannot be served: told so, rather than left to change other tables than the user thinks. */
#include <errno.h>
#include <libgen.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../cleanup.h"
#include "../log.h"
#include "filter.h"
#include "transport.h"

/* iptables as it speaks nf_tables; its relatives for other families are nobody's business here. */
static bool is_iptables_nft(pid_t pid)
{
	_cleanup_file_ FILE *f = NULL;
	char path[64], exe[512], comm[32] = "";
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n <= 0)
		return false;
	exe[n] = 0;
	if (strncmp(basename(exe), "xtables-nft-multi", 17))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (f && !fgets(comm, sizeof(comm), f))
		comm[0] = 0;
	return strncmp(comm, "ebtables", 8) && strncmp(comm, "arptables", 9);
}

struct xtbpf_outcome xtbpf_on_netlink(struct xtbpf_supervisor *s, const struct seccomp_notif *n)
{
	if (!is_iptables_nft((pid_t)n->pid))
		return (struct xtbpf_outcome){ .what = XTBPF_CONTINUE };
	if (!s->shared->nft_seen)
		xtbpf_log(XTBPF_ERR, "this iptables is iptables-nft: it makes nf_tables rules, "
				     "which xtbpf does not "
				     "serve. Use iptables-legacy, iptables-legacy-restore, "
				     "ip6tables-legacy ..., or "
				     "make them the default: update-alternatives --set iptables "
				     "/usr/sbin/iptables-legacy");
	s->shared->nft_seen = 1;
	return (struct xtbpf_outcome){ .what = XTBPF_ANSWERED, .err = -EPERM };
}

/*
 * 32-bit structures (i386, x32) are others than the ones we serve. The kernel might
 * serve them from its own tables: they are refused before they get there.
 * Socketcall's arguments lie in memory that another thread may change after we
 * looked: that only cheats who may change the kernel's tables anyway.
 */
struct xtbpf_outcome xtbpf_on_other_abi(struct xtbpf_supervisor *s, const struct seccomp_notif *n)
{
	bool i386 = n->data.arch == AUDIT_ARCH_I386;
	uint32_t args[3] = { 0, (uint32_t)n->data.args[1], (uint32_t)n->data.args[2] };

	if (i386 && (uint32_t)n->data.nr == XTBPF_I386_SOCKETCALL &&
	    xtbpf_client_read((pid_t)n->pid, (uint32_t)n->data.args[1], args, sizeof(args)) !=
		    sizeof(args))
		return (struct xtbpf_outcome){ .what = XTBPF_CONTINUE }; /* EFAULT there too */
	if (!xtbpf_filter_ours((int)args[1], (int)args[2]))
		return (struct xtbpf_outcome){ .what = XTBPF_CONTINUE };
	xtbpf_log(XTBPF_ERR, "process %d: a 32-bit iptables is not served; use the 64-bit one",
		  (int)n->pid);
	return (struct xtbpf_outcome){ .what = XTBPF_ANSWERED, .err = -ENOPROTOOPT };
}
