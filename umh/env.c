/* SPDX-License-Identifier: GPL-2.0-only */
#include <unistd.h>

#include "bpfsys.h"
#include "cleanup.h"
#include "enforce.h"

static struct xtbpf_env env;
static bool probed;

void xtbpf_env_set(enum xtbpf_attach attach, enum xtbpf_early early)
{
	env.attach = attach;
	env.early = early;
}

/*
 * Program type and link came in the same release (6.4, net/netfilter/nf_bpf_link.c),
 * so loading tells, and nothing has to be hooked to find out.
 */
static bool have_netfilter_links(void)
{
	_cleanup_fd_ int fd = xtbpf_bpf_return(XTBPF_PROG_TYPE_NETFILTER,
					       XTBPF_ATTACH_TYPE_NETFILTER, "xtbpf_probe", 1);

	return fd >= 0;
}

const struct xtbpf_env *xtbpf_env(void)
{
	if (!probed) {
		env.netfilter_links = have_netfilter_links();
		probed = true;
	}
	return &env;
}
