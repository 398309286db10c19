/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can come between a packet's arrival and our chains, or move its route:
 * ip rules, nf_tables, the kernel's own iptables, xfrm, br_netfilter, foreign
 * filters. Early drop is off while any of it is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../cleanup.h"
#include "facts.h"
#include "netlink.h"

int buses_open(struct buses *b)
{
	*b = (struct buses){ .route = nl_open(NETLINK_ROUTE) };
	if (!b->route)
		return -errno;
	b->netfilter = nl_open(NETLINK_NETFILTER);
	b->xfrm = nl_open(NETLINK_XFRM);
	return 0;
}

void buses_close(struct buses *b)
{
	struct mnl_socket *const all[] = { b->route, b->netfilter, b->xfrm };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i])
			mnl_socket_close(all[i]);
	*b = (struct buses){ 0 };
}

static void refuse(struct rest *rest, enum xtbpf_family family, const char *why)
{
	if (!rest->why[family][0])
		snprintf(rest->why[family], sizeof(rest->why[family]), "%s", why);
}

static void refuse_both(struct rest *rest, const char *why)
{
	refuse(rest, XTBPF_IPV4, why);
	refuse(rest, XTBPF_IPV6, why);
}

/* ---- ip rules -------------------------------------------------------- */

struct rules {
	int family;
	bool local, others;
};

/* The rules of a fresh namespace: 0 local, 32766 main, and for IPv4 32767 default. */
static bool is_default(uint32_t priority, uint32_t table)
{
	return (priority == 0 && table == RT_TABLE_LOCAL) ||
	       (priority == 32766 && table == RT_TABLE_MAIN) ||
	       (priority == 32767 && table == RT_TABLE_DEFAULT);
}

static int on_rule(const struct nlmsghdr *nlh, void *arg)
{
	const struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);
	uint32_t priority = 0, table = frh->table;
	struct rules *r = arg;
	const struct nlattr *attr;
	bool plain = frh->action == FR_ACT_TO_TBL && !frh->src_len && !frh->dst_len && !frh->tos &&
		     !(frh->flags & FIB_RULE_INVERT);

	if (nlh->nlmsg_type != RTM_NEWRULE || frh->family != r->family)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, nlh, sizeof(*frh))
	{
		switch (mnl_attr_get_type(attr)) {
		case FRA_PRIORITY:
			priority = mnl_attr_get_u32(attr);
			break;
		case FRA_TABLE:
			table = mnl_attr_get_u32(attr);
			break;
		case FRA_SUPPRESS_PREFIXLEN:
			plain &= mnl_attr_get_u32(attr) == 0xffffffffu;
			break;
		case FRA_PROTOCOL:
		case FRA_PAD:
			break;
		default:
			plain = false;
		}
	}
	if (!plain || !is_default(priority, table))
		r->others = true;
	else if (table == RT_TABLE_LOCAL)
		r->local = true;
	return MNL_CB_OK;
}

static void check_rules(struct buses *b, enum xtbpf_family family, struct rest *rest)
{
	struct rules r = { .family = family == XTBPF_IPV4 ? AF_INET : AF_INET6 };
	struct fib_rule_hdr request = { .family = (uint8_t)r.family };
	int err = nl_dump(b->route, RTM_GETRULE, &request, sizeof(request), on_rule, &r);

	if (err == -EOPNOTSUPP || err == -EAFNOSUPPORT)
		return; /* no policy routing in this kernel */
	if (err)
		refuse(rest, family, "ip rules cannot be read");
	else if (r.others || !r.local)
		refuse(rest, family, "there are ip rules beyond the default ones");
}

/* ---- nf_tables, iptables of the kernel, xfrm -------------------------- */

static int on_nft_table(const struct nlmsghdr *nlh, void *arg)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	static const char why[] = "nf_tables has tables here";

	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE))
		return MNL_CB_OK;
	if (nfg->nfgen_family == NFPROTO_IPV4)
		refuse(arg, XTBPF_IPV4, why);
	else if (nfg->nfgen_family == NFPROTO_IPV6)
		refuse(arg, XTBPF_IPV6, why);
	else if (nfg->nfgen_family != NFPROTO_ARP)
		refuse_both(arg, why);
	return MNL_CB_OK;
}

static void check_nft(struct buses *b, struct rest *rest)
{
	struct nfgenmsg request = { .nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0 };
	int err;

	if (!b->netfilter)
		return;
	err = nl_dump(b->netfilter, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, &request,
		      sizeof(request), on_nft_table, rest);
	/* EINVAL: no nf_tables in this kernel (nfnetlink_rcv_msg) */
	if (err && err != -EINVAL && err != -EOPNOTSUPP)
		refuse_both(rest, "nf_tables cannot be read");
}

static int on_policy(const struct nlmsghdr *nlh, void *arg)
{
	if (nlh->nlmsg_type == XFRM_MSG_NEWPOLICY)
		refuse_both(arg, "there are IPsec policies");
	return MNL_CB_OK;
}

static void check_xfrm(struct buses *b, struct rest *rest)
{
	struct xfrm_userpolicy_id request = { 0 };
	int err;

	if (!b->xfrm)
		return;
	err = nl_dump(b->xfrm, XFRM_MSG_GETPOLICY, &request, sizeof(request), on_policy, rest);
	if (err && err != -EOPNOTSUPP && err != -EINVAL)
		refuse_both(rest, "IPsec policies cannot be read");
}

static bool has_lines(const char *path)
{
	_cleanup_file_ FILE *f = fopen(path, "re");

	return f && fgetc(f) != EOF;
}

static int read_number(const char *path, int otherwise)
{
	_cleanup_file_ FILE *f = fopen(path, "re");
	int value;

	return f && fscanf(f, "%d", &value) == 1 ? value : otherwise;
}

void facts_rest(struct buses *b, struct rest *out)
{
	memset(out, 0, sizeof(*out));
	check_rules(b, XTBPF_IPV4, out);
	check_rules(b, XTBPF_IPV6, out);
	check_nft(b, out);
	check_xfrm(b, out);
	/* these files are the calling thread's namespace's */
	if (has_lines("/proc/thread-self/net/ip_tables_names"))
		refuse(out, XTBPF_IPV4, "the kernel's own ip_tables has tables here");
	if (has_lines("/proc/thread-self/net/ip6_tables_names"))
		refuse(out, XTBPF_IPV6, "the kernel's own ip6_tables has tables here");
	out->rp_filter_all = (uint8_t)read_number("/proc/sys/net/ipv4/conf/all/rp_filter", 1);
	out->forward6 = read_number("/proc/sys/net/ipv6/conf/all/forwarding", 0) != 0;
	out->bridge_netfilter = access("/proc/sys/net/bridge", F_OK) == 0;
}

/* ---- filters --------------------------------------------------------- */

static int on_filter(const struct nlmsghdr *nlh, void *arg)
{
	if (nlh->nlmsg_type == RTM_NEWTFILTER)
		++*(int *)arg;
	return MNL_CB_OK;
}

int facts_filters(struct buses *b, int ifindex)
{
	struct tcmsg request = { .tcm_family = AF_UNSPEC,
				 .tcm_ifindex = ifindex,
				 .tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS) };
	int n = 0;
	int err = nl_dump(b->route, RTM_GETTFILTER, &request, sizeof(request), on_filter, &n);

	return err == -ENOENT || err == -EINVAL ? 0 : err ? err : n;
}
