// SPDX-License-Identifier: GPL-2.0-only
/*
 * xtbpf.ko: the socket options of ip_tables and ip6_tables, served by xtbpfd.
 * This file takes the clients' calls: capability, how much of the buffer the
 * call needs, and the answer back into it, all in the client's context.
 * Behaviour where there is one to copy: net/ipv4/netfilter/ip_tables.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/sock.h>

#include "xtbpf.h"

static unsigned int max_mib = 128;
module_param(max_mib, uint, 0644);
MODULE_PARM_DESC(max_mib, "MiB that one call may carry (ENOMEM beyond)");

/* One code serves both families: what the module looks at is laid out alike. */
static_assert(sizeof(struct ipt_replace) == sizeof(struct ip6t_replace));
static_assert(offsetof(struct ipt_replace, size) == offsetof(struct ip6t_replace, size));
static_assert(offsetof(struct ipt_replace, counters) == offsetof(struct ip6t_replace, counters));
static_assert(sizeof(struct ipt_get_entries) == sizeof(struct ip6t_get_entries));

/* What every call goes through before anything of it is read. */
static int admit(const struct sock *sk)
{
	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (in_compat_syscall()) {
		pr_notice_ratelimited("%s[%d]: 32-bit iptables is not served: use the 64-bit one\n",
				      current->comm, task_tgid_nr(current));
		return -ENOPROTOOPT;
	}
	if (!xtbpf_served()) {
		pr_notice_ratelimited("%s[%d]: no xtbpfd is running: systemctl start xtbpfd\n",
				      current->comm, task_tgid_nr(current));
		return -ENOPROTOOPT;
	}
	return 0;
}

static struct xtbpf_call *call_new(struct sock *sk, u16 family, u16 flags, int optname, s64 optlen)
{
	struct xtbpf_call *call = kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);
	struct net *net = sock_net(sk);

	if (!call)
		return NULL;
	refcount_set(&call->refs, 1);
	init_completion(&call->done);
	call->net = get_net(net);
	call->req = (struct xtbpf_kmod_request){
		.version = XTBPF_KMOD_VERSION,
		.length = sizeof(call->req),
		.netns_cookie = net->net_cookie,
		.netns_ino = net->ns.inum,
		.family = family,
		.flags = flags | (xtbpf_of_host(net) ? XTBPF_KMOD_HOST : 0),
		.optname = optname,
		.optlen = optlen,
		.pid = task_tgid_nr(current),
		.uid = from_kuid_munged(&init_user_ns, current_uid()),
		.gid = from_kgid_munged(&init_user_ns, current_gid()),
	};
	get_task_comm(call->req.comm, current);
	return call;
}

/*
 * Copy bytes [call->req.size, want) of the client's buffer. A fault is no error: the
 * helper sees how far it went, and knows what the kernel would have said before
 * or instead of EFAULT.
 */
static int read_in(struct xtbpf_call *call, sockptr_t from, u64 want)
{
	u32 have = call->req.size;
	void *data;

	if (want <= have)
		return 0;
	if (want > (u64)READ_ONCE(max_mib) << 20 || want > INT_MAX)
		return -ENOMEM;
	data = kvmalloc(want, GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;
	if (have)
		memcpy(data, call->data, have);
	kvfree(call->data);
	call->data = data;
	call->req.size = want - copy_from_sockptr_offset(data + have, from, have, want - have);
	return 0;
}

/* The head first: it says how much follows. What is behind that, nobody reads. */
static int read_set(struct xtbpf_call *call, sockptr_t from, unsigned int len)
{
	bool replace = call->req.optname == IPT_SO_SET_REPLACE;
	u32 head = replace ? sizeof(struct ipt_replace) : sizeof(struct xt_counters_info);
	u64 want = head;
	int err;

	if (len < head)
		return 0; /* EINVAL, unread */
	err = read_in(call, from, head);
	if (err || call->req.size < head)
		return err;
	if (replace) {
		const struct ipt_replace *r = call->data;

		want += r->size;
		call->counters_max = r->num_counters;
	} else {
		const struct xt_counters_info *info = call->data;

		want += (u64)info->num_counters * sizeof(struct xt_counters);
	}
	return want <= len ? read_in(call, from, want) : 0; /* else EINVAL */
}

/* Old counters for SET_REPLACE. The table is swapped: a fault is no error any more. */
static void put_counters(const struct xtbpf_call *call)
{
	const struct ipt_replace *r = call->data;
	size_t size = call->answer.ncounters * sizeof(*call->counters);

	if (size && copy_to_user(r->counters, call->counters, size))
		pr_warn_ratelimited("%s[%d]: counters copy to user failed while replacing table\n",
				    call->req.comm, call->req.pid);
}

static int do_set(struct sock *sk, u16 family, int optname, sockptr_t from, unsigned int len)
{
	struct xtbpf_call *call;
	int err = admit(sk);

	if (err)
		return err;
	call = call_new(sk, family, XTBPF_KMOD_SET, optname, len);
	if (!call)
		return -ENOMEM;
	err = read_set(call, from, len);
	if (!err)
		err = xtbpf_call_wait(call);
	if (!err)
		put_counters(call);
	xtbpf_call_put(call);
	return err;
}

static int put_data(const struct xtbpf_call *call, u8 __user *to)
{
	u32 behind = call->answer.skip_at + call->answer.skip;

	if (copy_to_user(to, call->reply, call->answer.skip_at) ||
	    copy_to_user(to + behind, call->reply + behind, call->answer.size - behind))
		return -EFAULT;
	return 0;
}

static int do_get(struct sock *sk, u16 family, int optname, void __user *buf, int *len)
{
	struct xtbpf_call *call;
	int err = admit(sk);

	if (err)
		return err;
	call = call_new(sk, family, 0, optname, *len);
	if (!call)
		return -ENOMEM;
	/* the longest head of a get; a negative length counts as a huge one, as in get_entries */
	err = read_in(call, USER_SOCKPTR(buf), min_t(u32, *len, sizeof(struct ipt_get_entries)));
	call->reply_max = max(*len, 0);
	if (!err)
		err = xtbpf_call_wait(call);
	if (!err && call->answer.size)
		err = put_data(call, buf);
	xtbpf_call_put(call);
	return err; /* *len stays what it was */
}

static int set4(struct sock *sk, int optname, sockptr_t from, unsigned int len)
{
	return do_set(sk, AF_INET, optname, from, len);
}

static int get4(struct sock *sk, int optname, void __user *buf, int *len)
{
	return do_get(sk, AF_INET, optname, buf, len);
}

static int set6(struct sock *sk, int optname, sockptr_t from, unsigned int len)
{
	return do_set(sk, AF_INET6, optname, from, len);
}

static int get6(struct sock *sk, int optname, void __user *buf, int *len)
{
	return do_get(sk, AF_INET6, optname, buf, len);
}

/*
 * Ranges exclude their ends. Between IPv6's get options of ip6_tables lie 66 and
 * 67, IPV6_RECVTCLASS and IPV6_TCLASS: never claimed, hence two records.
 */
static struct nf_sockopt_ops sockopts[] = {
	{
		.pf = PF_INET,
		.owner = THIS_MODULE,
		.set_optmin = IPT_BASE_CTL,
		.set_optmax = IPT_SO_SET_MAX + 1,
		.set = set4,
		.get_optmin = IPT_BASE_CTL,
		.get_optmax = IPT_SO_GET_MAX + 1,
		.get = get4,
	},
	{
		.pf = PF_INET6,
		.owner = THIS_MODULE,
		.set_optmin = IP6T_BASE_CTL,
		.set_optmax = IP6T_SO_SET_MAX + 1,
		.set = set6,
		.get_optmin = IP6T_SO_GET_INFO,
		.get_optmax = IP6T_SO_GET_ENTRIES + 1,
		.get = get6,
	},
	{
		.pf = PF_INET6,
		.owner = THIS_MODULE,
		.get_optmin = IP6T_SO_GET_REVISION_MATCH,
		.get_optmax = IP6T_SO_GET_REVISION_TARGET + 1,
		.get = get6,
	},
};

static void sockopt_exit(unsigned int count)
{
	while (count--)
		nf_unregister_sockopt(&sockopts[count]);
}

/* Before anything of ours shows in /proc/net: with the real ip_tables there it must not. */
static int sockopt_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(sockopts); i++) {
		err = nf_register_sockopt(&sockopts[i]);
		if (!err)
			continue;
		sockopt_exit(i);
		if (err == -EBUSY)
			pr_err("the kernel's own ip_tables or ip6_tables is loaded: rmmod "
			       "iptable_* ip6table_* ip_tables ip6_tables, or reboot with "
			       "modprobe.d/xtbpf.conf in place\n");
		return err;
	}
	return 0;
}

static int __init xtbpf_init(void)
{
	int err = sockopt_init(); /* until there is a device, there is no helper */

	if (err)
		return err;
	err = xtbpf_names_init();
	if (err)
		goto sockopt;
	err = xtbpf_closed_init();
	if (err)
		goto names;
	err = xtbpf_channel_init();
	if (!err)
		return 0;
	xtbpf_closed_lift();
names:
	xtbpf_names_exit();
sockopt:
	sockopt_exit(ARRAY_SIZE(sockopts));
	return err;
}

/* The helper's open file and every call under way hold the module: nothing is left here. */
static void __exit xtbpf_exit(void)
{
	xtbpf_channel_exit();
	xtbpf_closed_lift();
	sockopt_exit(ARRAY_SIZE(sockopts));
	xtbpf_names_exit();
}

module_init(xtbpf_init);
module_exit(xtbpf_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("iptables' socket options, served by xtbpfd");
/* Kernels without ip_tables have nobody else of these names; others: modprobe.d/xtbpf.conf. */
MODULE_ALIAS("ip_tables");
MODULE_ALIAS("ip6_tables");
