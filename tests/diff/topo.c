/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/topo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/diff/proc.h"

/* 10.99.1.1, 10.99.2.1; fd99:1::1, fd99:2::1 */
const uint8_t topo_own[2][2][16] = {
	{ { 10, 99, 1, 1 }, { 10, 99, 2, 1 } },
	{ { 0xfd, 0x99, 0, 1, [15] = 1 }, { 0xfd, 0x99, 0, 2, [15] = 1 } },
};

static const uint8_t mac_box[2][6] = { { 2, 0, 0, 0, 1, 1 }, { 2, 0, 0, 0, 2, 1 } };
static const uint8_t mac_out[2][6] = { { 2, 0, 0, 0, 1, 2 }, { 2, 0, 0, 0, 2, 2 } };

void topo_conf_init(struct topo_conf *c, int family)
{
	memset(c, 0, sizeof(*c));
	c->family = family;
	strcpy(c->dev[0], "c0");
	strcpy(c->dev[1], "s0");
	memcpy(c->local, topo_own[family == 6], sizeof(topo_own[0]));
	c->nlocal = 2;
}

/* After setns: /proc/sys/net is that of the caller's namespace. */
static void sysctl(const char *name, const char *value)
{
	char path[160];

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	file_put(path, value);
}

static void quiet_sysctls(int family)
{
	sysctl("ipv6/conf/all/disable_ipv6", family == 4 ? "1" : "0");
	sysctl("ipv6/conf/default/disable_ipv6", family == 4 ? "1" : "0");
	sysctl("ipv6/conf/default/accept_dad", "0");
	sysctl("ipv6/conf/default/addr_gen_mode", "1");
	sysctl("ipv6/conf/default/router_solicitations", "0");
	sysctl("ipv6/conf/default/mldv2_unsolicited_report_interval", "10");
	sysctl("ipv6/conf/default/mldv1_unsolicited_report_interval", "10");
	sysctl("ipv4/conf/all/rp_filter", "0");
	sysctl("ipv4/conf/default/rp_filter", "0");
}

static void box_sysctls(int family)
{
	quiet_sysctls(family);
	sysctl("ipv4/ip_forward", "1");
	sysctl("ipv6/conf/all/forwarding", "1");
	sysctl("ipv6/conf/default/forwarding", "1");
	sysctl("ipv4/icmp_ratelimit", "0");
	sysctl("ipv4/icmp_msgs_per_sec", "1000000000");
	sysctl("ipv4/icmp_msgs_burst", "1000000000");
	sysctl("ipv6/icmp/ratelimit", "0");
	sysctl("ipv4/ipfrag_time", "600");
	sysctl("ipv6/ip6frag_time", "600");
	sysctl("ipv6/auto_flowlabels", "0");
	sysctl("ipv4/conf/all/send_redirects", "0");
	sysctl("ipv4/conf/default/send_redirects", "0");
	sysctl("ipv4/conf/all/accept_redirects", "0");
	sysctl("ipv4/conf/default/accept_redirects", "0");
	sysctl("ipv6/conf/default/accept_redirects", "0");
	sysctl("ipv4/conf/all/log_martians", "0");
}

static int ip_batch(int ns, const char *text)
{
	char *argv[] = { "ip", "-batch", "-", NULL };
	struct run r;
	int err;

	run_in(ns, argv, text, &r);
	err = r.status ? -EIO : 0;
	if (err)
		printf("# ip -batch: %s\n", r.err);
	run_release(&r);
	return err;
}

static void put_link(FILE *f, const char *dev, int i, int peer_ns)
{
	fprintf(f, "link add %s address 02:00:00:00:0%d:01 type veth peer name p0 address ", dev,
		i + 1);
	fprintf(f, "02:00:00:00:0%d:02 netns /proc/%d/fd/%d\n", i + 1, (int)getpid(), peer_ns);
	fprintf(f, "link set %s up\n", dev);
}

/* Clients' private networks lie towards the client, everything else towards the server. */
static void put_routes(FILE *f, const struct topo_conf *c, int i)
{
	static const char *const private4[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16" };
	const char *gw =
		c->family == 4 ? (i ? "10.99.2.2" : "10.99.1.2") : (i ? "fd99:2::2" : "fd99:1::2");
	const char *dev = c->dev[i];

	fprintf(f, "route add %s dev %s\n", gw, dev);
	fprintf(f, "neigh add %s lladdr 02:00:00:00:0%d:02 dev %s nud permanent\n", gw, i + 1, dev);
	if (i)
		fprintf(f, "route add default via %s dev %s\n", gw, dev);
	else if (c->family == 6)
		fprintf(f, "route add fc00::/7 via %s dev %s\n", gw, dev);
	for (int n = 0; n < 3 && !i && c->family == 4; n++)
		fprintf(f, "route add %s via %s dev %s\n", private4[n], gw, dev);
}

static int configure(const struct topo_conf *c, struct topo *t)
{
	char *text = NULL, addr[INET6_ADDRSTRLEN];
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	int err;

	if (!f)
		return -ENOMEM;
	fprintf(f, "link set lo up\n");
	for (int i = 0; i < 2; i++)
		put_link(f, c->dev[i], i, t->ns[i]);
	for (unsigned int i = 0; i < c->nlocal; i++) {
		inet_ntop(c->family == 4 ? AF_INET : AF_INET6, c->local[i], addr, sizeof(addr));
		fprintf(f, "addr add %s/%d dev %s%s\n", addr, c->family == 4 ? 32 : 128,
			c->dev[i & 1], c->family == 4 ? "" : " nodad");
	}
	if (c->family == 6)
		for (int i = 0; i < 2; i++)
			fprintf(f, "addr add fe80::%d/64 dev %s nodad\n", i + 1, c->dev[i]);
	for (int i = 0; i < 2; i++)
		put_routes(f, c, i);
	fclose(f);
	err = ip_batch(t->box, text);
	free(text);
	for (int i = 0; i < 2 && !err; i++)
		err = ip_batch(t->ns[i], "link set p0 up\n");
	return err;
}

static int open_outer(struct topo *t, int i)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int size = 64 << 20, one = 1;

	netns_in(t->ns[i]);
	t->sock[i] = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	t->ifindex[i] = sll.sll_ifindex = (int)if_nametoindex("p0");
	netns_home();
	if (t->sock[i] < 0 || bind(t->sock[i], (struct sockaddr *)&sll, sizeof(sll)))
		return -errno;
	setsockopt(t->sock[i], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(t->sock[i], SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	return 0;
}

static int open_raw(struct topo *t)
{
	int one = 1, af = t->family == 4 ? AF_INET : AF_INET6;

	netns_in(t->box);
	t->raw = socket(af, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	netns_home();
	if (t->raw < 0)
		return -errno;
	if (t->family == 4)
		setsockopt(t->raw, IPPROTO_IP, IP_HDRINCL, &one, sizeof(one));
	setsockopt(t->raw, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	return 0;
}

int topo_make(const struct topo_conf *c, struct topo *out)
{
	struct topo t = {
		.family = c->family, .box = -1, .raw = -1, .ns = { -1, -1 }, .sock = { -1, -1 }
	};
	int err = 0;

	t.box = netns_new();
	t.ns[0] = netns_new();
	t.ns[1] = netns_new();
	if (t.box < 0 || t.ns[0] < 0 || t.ns[1] < 0)
		err = -EIO;
	for (int i = 0; i < 2 && !err; i++) {
		netns_in(t.ns[i]);
		quiet_sysctls(4);
		netns_home();
	}
	if (!err) {
		netns_in(t.box);
		box_sysctls(c->family);
		netns_home();
		err = configure(c, &t);
	}
	for (int i = 0; i < 2 && !err; i++)
		err = open_outer(&t, i);
	if (!err)
		err = open_raw(&t);
	if (err) {
		printf("# topology: %s\n", strerror(-err));
		topo_close(&t);
		return err;
	}
	*out = t;
	return 0;
}

void topo_close(struct topo *t)
{
	int fds[] = { t->box, t->ns[0], t->ns[1], t->sock[0], t->sock[1], t->raw };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*t = (struct topo){ .box = -1, .raw = -1, .ns = { -1, -1 }, .sock = { -1, -1 } };
}

static int send_frame(struct topo *t, int i, const struct pkt *p)
{
	uint8_t frame[14 + PKT_MAX];

	memcpy(frame, mac_box[i], 6);
	memcpy(frame + 6, mac_out[i], 6);
	frame[12] = t->family == 4 ? 0x08 : 0x86;
	frame[13] = t->family == 4 ? 0x00 : 0xdd;
	memcpy(frame + 14, p->b, p->len);
	return send(t->sock[i], frame, 14 + p->len, 0) < 0 ? errno : 0;
}

int topo_send(struct topo *t, enum inject how, const struct pkt *p)
{
	struct sockaddr_in d4 = { .sin_family = AF_INET };
	struct sockaddr_in6 d6 = { .sin6_family = AF_INET6 };
	ssize_t n;

	if (how != FROM_BOX)
		return send_frame(t, how == FROM_SERVER, p);
	if (t->family == 4) {
		memcpy(&d4.sin_addr, p->b + 16, 4);
		n = sendto(t->raw, p->b, p->len, 0, (struct sockaddr *)&d4, sizeof(d4));
	} else {
		memcpy(&d6.sin6_addr, p->b + 24, 16);
		n = sendto(t->raw, p->b, p->len, 0, (struct sockaddr *)&d6, sizeof(d6));
	}
	return n < 0 ? errno : 0;
}

/* FNV over what is the same on both sides: not the box's own packet ids and checksums of them. */
static uint64_t frame_hash(const uint8_t *b, size_t n)
{
	uint64_t h = 1469598103934665603ull;

	for (size_t i = 14; i < n; i++) {
		if (b[12] == 0x08 && (i == 18 || i == 19 || i == 24 || i == 25))
			continue;
		h = (h ^ b[i]) * 1099511628211ull;
	}
	return h;
}

void topo_drain(struct topo *t)
{
	uint8_t buf[4096];
	ssize_t n;

	for (int i = 0; i < 2; i++) {
		while ((n = recv(t->sock[i], buf, sizeof(buf), 0)) >= 14) {
			t->got[i].packets++;
			t->got[i].bytes += (uint64_t)n;
			t->got[i].hash += frame_hash(buf, (size_t)n);
		}
	}
}

void topo_settle(struct topo *t)
{
	uint64_t before;

	do {
		topo_drain(t);
		before = t->got[0].packets + t->got[1].packets;
		usleep(30000);
		topo_drain(t);
	} while (before != t->got[0].packets + t->got[1].packets);
}
