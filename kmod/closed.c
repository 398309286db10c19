// SPDX-License-Identifier: GPL-2.0-only
/*
 * closed=1: from the loading of the module until a helper first says that
 * everything it knew is in force (HELLO), the host's namespace passes no packets
 * but loopback's. What the helper attaches stays when it dies, so this is a
 * matter of the boot only.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>

#include "xtbpf.h"

static bool closed;
module_param(closed, bool, 0444);
MODULE_PARM_DESC(
	closed,
	"drop all but loopback in the host's namespace until xtbpfd has restored the rules");

static DEFINE_MUTEX(lock);
static bool hooked;

static unsigned int drop(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct net_device *dev = state->in ?: state->out;

	return dev && dev->flags & IFF_LOOPBACK ? NF_ACCEPT : NF_DROP;
}

#define HOOK(family, number)                                                                       \
	{                                                                                          \
		.hook = drop, .pf = family, .hooknum = number, .priority = NF_IP_PRI_FILTER,       \
	}
static const struct nf_hook_ops hooks[] = {
	HOOK(NFPROTO_IPV4, NF_INET_LOCAL_IN),  HOOK(NFPROTO_IPV4, NF_INET_FORWARD),
	HOOK(NFPROTO_IPV4, NF_INET_LOCAL_OUT), HOOK(NFPROTO_IPV6, NF_INET_LOCAL_IN),
	HOOK(NFPROTO_IPV6, NF_INET_FORWARD),   HOOK(NFPROTO_IPV6, NF_INET_LOCAL_OUT),
};

int xtbpf_closed_init(void)
{
	int err;

	if (!closed)
		return 0;
	err = nf_register_net_hooks(&init_net, hooks, ARRAY_SIZE(hooks));
	if (!err)
		pr_notice("closed: no packets but loopback's until xtbpfd runs (systemctl start "
			  "xtbpfd)\n");
	hooked = !err;
	return err;
}

void xtbpf_closed_lift(void)
{
	mutex_lock(&lock);
	if (hooked)
		nf_unregister_net_hooks(&init_net, hooks, ARRAY_SIZE(hooks));
	hooked = false;
	mutex_unlock(&lock);
}
