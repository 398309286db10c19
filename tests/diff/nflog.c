/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/nflog.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/diff/proc.h"

#define GROUP 77

struct nflog {
	struct mnl_socket *nl;
	int netns;
	void (*fn)(void *arg, enum xtbpf_hook hook, const struct xtbpf_packet *pkt);
	void *arg;
	char name[64][16]; /* device names by index: no system call a packet */
};

static int config(struct mnl_socket *nl)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;
	struct nfulnl_msg_config_cmd cmd = { .command = NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode mode = { .copy_range = htonl(0xffff),
					       .copy_mode = NFULNL_COPY_PACKET };

	h->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	h->nlmsg_flags = NLM_F_REQUEST;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->nfgen_family = AF_UNSPEC;
	g->version = NFNETLINK_V0;
	g->res_id = htons(GROUP);
	mnl_attr_put(h, NFULA_CFG_CMD, sizeof(cmd), &cmd);
	mnl_attr_put(h, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(h, NFULA_CFG_QTHRESH, htonl(1));
	return mnl_socket_sendto(nl, h, h->nlmsg_len) < 0 ? -1 : 0;
}

static int add_chains(int netns, int family, int prio)
{
	static const char *const hooks[] = { "input", "forward", "output" };
	char text[1024];
	int n;
	struct run r;

	n = snprintf(text, sizeof(text), "add table %s seen\n", family == 4 ? "ip" : "ip6");
	for (int i = 0; i < 3; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
			      "add chain %s seen %s { type filter hook %s priority %d; }\n"
			      "add rule %s seen %s log group %d\n",
			      family == 4 ? "ip" : "ip6", hooks[i], hooks[i], prio - 1,
			      family == 4 ? "ip" : "ip6", hooks[i], GROUP);
	run_in(netns, (char *[]){ "nft", "-f", "-", NULL }, text, &r);
	if (r.status)
		printf("# nft: %s\n", r.err);
	n = r.status;
	run_release(&r);
	return n;
}

struct nflog *nflog_open(int netns, int family, int prio)
{
	struct nflog *n = calloc(1, sizeof(*n));
	int size = 64 << 20, one = 1;

	if (!n)
		return NULL;
	n->netns = netns;
	netns_in(netns);
	n->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK | SOCK_CLOEXEC);
	for (unsigned int i = 1; i < 64; i++)
		if (!if_indextoname(i, n->name[i]))
			n->name[i][0] = 0;
	netns_home();
	if (!n->nl || mnl_socket_bind(n->nl, 0, MNL_SOCKET_AUTOPID) < 0 || config(n->nl) ||
	    add_chains(netns, family, prio)) {
		nflog_close(n);
		return NULL;
	}
	setsockopt(mnl_socket_get_fd(n->nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(mnl_socket_get_fd(n->nl), SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof(one));
	return n;
}

static int on_attr(const struct nlattr *a, void *arg)
{
	const struct nlattr **tb = arg;

	if (mnl_attr_get_type(a) <= NFULA_MAX)
		tb[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static void dev_name(struct nflog *n, const struct nlattr *a, char out[16])
{
	uint32_t i = a ? ntohl(mnl_attr_get_u32(a)) : 0;

	memset(out, 0, 16);
	if (i < 64)
		memcpy(out, n->name[i], 15);
}

static int on_message(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *tb[NFULA_MAX + 1] = { NULL };
	const struct nfulnl_msg_packet_hdr *ph;
	struct nflog *n = arg;
	struct xtbpf_packet pkt = { 0 };

	if (h->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
		return MNL_CB_OK;
	mnl_attr_parse(h, sizeof(struct nfgenmsg), on_attr, tb);
	if (!tb[NFULA_PACKET_HDR] || !tb[NFULA_PAYLOAD])
		return MNL_CB_OK;
	ph = mnl_attr_get_payload(tb[NFULA_PACKET_HDR]);
	pkt.l3 = mnl_attr_get_payload(tb[NFULA_PAYLOAD]);
	pkt.len = mnl_attr_get_payload_len(tb[NFULA_PAYLOAD]);
	dev_name(n, tb[NFULA_IFINDEX_INDEV], pkt.in);
	dev_name(n, tb[NFULA_IFINDEX_OUTDEV], pkt.out);
	n->fn(n->arg, ph->hook, &pkt);
	return MNL_CB_OK;
}

void nflog_drain(struct nflog *n,
		 void (*fn)(void *arg, enum xtbpf_hook hook, const struct xtbpf_packet *pkt),
		 void *arg)
{
	static char buf[1 << 17] __attribute__((aligned(8)));
	ssize_t len;

	n->fn = fn;
	n->arg = arg;
	while ((len = mnl_socket_recvfrom(n->nl, buf, sizeof(buf))) > 0)
		mnl_cb_run(buf, (size_t)len, 0, 0, on_message, n);
}

void nflog_close(struct nflog *n)
{
	if (!n)
		return;
	if (n->nl)
		mnl_socket_close(n->nl);
	free(n);
}
