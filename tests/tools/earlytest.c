// SPDX-License-Identifier: GPL-2.0-only
/*
 * Early drop by BPF_PROG_TEST_RUN, in a network namespace of its own: one packet
 * that is dropped, and what is changed about it so that it must pass. A drop is
 * counted all the way, a pass leaves no trace. TAP on stdout. Needs root.
 */
#include "../../translator/bpf/env.h"
#include "../../translator/ruleset.h"
#include "../../umh/load.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DROP_PORT 7
#define OUT_PORT 9 /* dropped in FORWARD when leaving by "out0" */

/* One table with chains of a few rules, made by hand. */
struct table {
	struct xtbpf_ruleset rs;
	struct xtbpf_blob blob;
	struct xtbpf_chain chain[XTBPF_NHOOK];
	struct xtbpf_rule rule[XTBPF_NHOOK][3];
	struct xtbpf_pred pred[XTBPF_NHOOK][2][3];
};

static struct table tables[XTBPF_NTABLE];
static int counters[XTBPF_NTABLE], env[4], tests, failed;
static const char *const counter_name[] = { "cnt_raw", "cnt_mangle", "cnt_nat", "cnt_filter",
					    "cnt_security" };
static const char *const env_name[] = { "env_dev", "env_local4", "env_local6", "env_stat" };
static enum xtbpf_family family;

static void equal(struct xtbpf_pred *p, enum xtbpf_field field, const void *value, size_t n)
{
	p->kind = XTBPF_P_BITS;
	p->bits.field = field;
	memset(p->bits.mask, 0xff, n);
	memcpy(p->bits.value, value, n);
}

/* drop what goes to the port, and in FORWARD what leaves by out0 to the other */
static void add_rules(struct table *t, unsigned int hook)
{
	uint16_t port = DROP_PORT, out = OUT_PORT;

	for (unsigned int i = 0; i < 2; i++) {
		struct xtbpf_rule *r = &t->rule[hook][i];

		r->preds = t->pred[hook][i];
		r->action = XTBPF_A_DROP;
		r->preds[0].kind = XTBPF_P_L4;
		r->preds[0].l4.need = 4;
		equal(&r->preds[1], XTBPF_F_DPORT, i ? &out : &port, 2);
		r->npreds = 2;
	}
	equal(&t->pred[hook][1][2], XTBPF_F_OUT, "out0", 5);
	t->rule[hook][1].npreds = 3;
}

static void make_table(enum xtbpf_table_id id, uint32_t hooks, bool rules)
{
	struct table *t = &tables[id];
	uint32_t entry = 0;

	memset(t, 0, sizeof(*t));
	t->rs = (struct xtbpf_ruleset){
		.family = family, .table = id, .blob = &t->blob, .chains = t->chain
	};
	for (unsigned int h = 0; h < XTBPF_NHOOK; h++) {
		unsigned int n = rules ? 3 : 1;

		t->rs.base[h] = hooks & 1u << h ? (int)t->rs.nchains : -1;
		if (t->rs.base[h] < 0)
			continue;

		struct xtbpf_chain *c = &t->chain[t->rs.nchains++];

		snprintf(c->name, sizeof(c->name), "%s", xtbpf_hook_name(h));
		c->hook = h;
		c->rules = t->rule[h];
		c->nrules = n;
		for (unsigned int i = 0; i < n; i++)
			t->rule[h][i].entry = entry++;
		if (rules)
			add_rules(t, h);
		t->rule[h][n - 1].action = XTBPF_A_ACCEPT;
	}
	t->blob.num_entries = entry;
	counters[id] = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "c", 4, 16, entry, NULL);
}

static int load(struct xtbpf_loaded got[2])
{
	const struct xtbpf_ruleset *rs[XTBPF_NTABLE] = { &tables[XTBPF_RAW].rs,
							 &tables[XTBPF_MANGLE].rs, NULL,
							 &tables[XTBPF_FILTER].rs, NULL };
	struct xtbpf_plan plan = { .family = family, .early = true };
	struct xtbpf_load_map maps[16];
	struct xtbpf_object obj = { 0 };
	struct xtbpf_reason why = { 0 };
	size_t n = 0;
	int err;

	for (unsigned int i = 0; i < 4; i++)
		maps[n++] = (struct xtbpf_load_map){ env_name[i], env[i] };
	for (unsigned int t = 0; t < XTBPF_NTABLE; t++)
		if (rs[t])
			maps[n++] = (struct xtbpf_load_map){ counter_name[t], counters[t] };
	err = xtbpf_emit_early(family, rs, &plan, &obj, &why);
	if (!err)
		err = xtbpf_load(&obj, maps, n, got, &why);
	if (err)
		printf("# %s: %s\n", strerror(-err), why.text);
	xtbpf_object_release(&obj);
	return err;
}

/* ---- packets ----------------------------------------------------------------- */

struct packet {
	uint8_t b[256];
	unsigned int len;
	uint32_t ifindex; /* 0: lo; TC only */
};

#define IP4(p) ((struct iphdr *)((p)->b + ETH_HLEN))
#define IP6(p) ((struct ip6_hdr *)((p)->b + ETH_HLEN))

static uint8_t *l4(struct packet *p)
{
	return p->b + ETH_HLEN + (family == XTBPF_IPV4 ? 20 : 40);
}

static void checksum(struct packet *p)
{
	struct iphdr *ip = IP4(p);
	const uint16_t *w = (const uint16_t *)(const void *)ip;
	uint32_t sum = 0;

	if (family == XTBPF_IPV6)
		return;
	ip->check = 0;
	for (unsigned int i = 0; i < 10; i++)
		sum += w[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static void set_port(struct packet *p, uint16_t port)
{
	l4(p)[2] = (uint8_t)(port >> 8);
	l4(p)[3] = (uint8_t)port;
}

static void set_addr(struct packet *p, bool src, const char *addr)
{
	if (family == XTBPF_IPV4)
		inet_pton(AF_INET, addr, src ? &IP4(p)->saddr : &IP4(p)->daddr);
	else
		inet_pton(AF_INET6, addr, src ? &IP6(p)->ip6_src : &IP6(p)->ip6_dst);
	checksum(p);
}

/* A header of the protocol and some payload, to the port that is dropped. */
static void base(struct packet *p, uint8_t proto, unsigned int payload)
{
	unsigned int ip = family == XTBPF_IPV4 ? 20 : 40, l4len = (proto == 6 ? 20 : 8) + payload;

	memset(p, 0, sizeof(*p));
	p->len = ETH_HLEN + ip + l4len;
	p->b[12] = family == XTBPF_IPV4 ? 0x08 : 0x86;
	p->b[13] = family == XTBPF_IPV4 ? 0x00 : 0xdd;
	if (family == XTBPF_IPV4) {
		*IP4(p) = (struct iphdr){ .version = 4,
					  .ihl = 5,
					  .ttl = 64,
					  .protocol = proto,
					  .tot_len = htons((uint16_t)(ip + l4len)) };
	} else {
		IP6(p)->ip6_flow = htonl(6u << 28);
		IP6(p)->ip6_plen = htons((uint16_t)l4len);
		IP6(p)->ip6_nxt = proto;
		IP6(p)->ip6_hlim = 64;
	}
	set_addr(p, true, family == XTBPF_IPV4 ? "10.9.0.1" : "fd09::1");
	set_addr(p, false, family == XTBPF_IPV4 ? "10.9.0.2" : "fd09::2");
	set_port(p, DROP_PORT);
	if (proto == 6) {
		l4(p)[12] = 5 << 4;
		l4(p)[13] = 0x10;
	}
}

/* ---- running --------------------------------------------------------------------- */

static uint64_t counted(unsigned int table, uint32_t entry, bool bytes)
{
	int ncpu = libbpf_num_possible_cpus();
	uint64_t per[2 * 1024] = { 0 }, sum = 0;

	if (ncpu > 1024 || bpf_map_lookup_elem(counters[table], &entry, per))
		abort();
	for (int i = 0; i < ncpu; i++)
		sum += per[2 * i + bytes];
	return sum;
}

static uint64_t all_counts(void)
{
	uint64_t sum = 0;

	for (unsigned int t = 0; t < XTBPF_NTABLE; t++)
		for (uint32_t e = 0; counters[t] && e < tables[t].blob.num_entries; e++)
			sum += counted(t, e, false);
	return sum;
}

static int run(int fd, bool xdp, const struct packet *p)
{
	struct __sk_buff skb = { .ifindex = p->ifindex };
	uint8_t back[512];
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = p->b, .data_size_in = p->len, .data_out = back,
		    .data_size_out = sizeof(back), .repeat = 1);

	if (p->ifindex) {
		o.ctx_in = &skb;
		o.ctx_size_in = sizeof(skb);
	}
	if (bpf_prog_test_run_opts(fd, &o)) {
		printf("# test run: %s\n", strerror(errno));
		return -1;
	}
	return o.retval == (xdp ? XDP_DROP : TC_ACT_SHOT);
}

/* want: how many entries a dropped packet is counted in; 0: it must pass */
static void expect(const struct xtbpf_loaded *prog, bool xdp, const struct packet *p,
		   unsigned int want, const char *what)
{
	uint64_t before = all_counts();
	int dropped = run(prog[!xdp].fd, xdp, p);
	uint64_t got = all_counts() - before;
	bool good = dropped == (want > 0) && got == want;

	printf("%sok %d - %s IPv%d: %s\n", good ? "" : "not ", ++tests, xdp ? "XDP" : "TC",
	       family == XTBPF_IPV4 ? 4 : 6, what);
	if (!good)
		printf("# dropped %d, counted %llu, want %u\n", dropped, (unsigned long long)got,
		       want);
	failed |= !good;
}

static void set_dev(uint32_t ifindex, const char *name, uint8_t flags, uint8_t rp_filter)
{
	struct xtbpf_dev dev = { .flags = flags, .rp_filter = rp_filter };

	memcpy(dev.name, name, strlen(name));
	if (bpf_map_update_elem(env[0], &ifindex, &dev, 0))
		abort();
}

#define ALL_FLAGS                                                                                  \
	(XTBPF_DEV_EARLY4 | XTBPF_DEV_EARLY6 | XTBPF_DEV_FWD4 | XTBPF_DEV_FWD6 | XTBPF_DEV_ETHER)

static void set_route(const char *addr, uint32_t type)
{
	struct xtbpf_lpm4 k4 = { .len = 32 };
	struct xtbpf_lpm6 k6 = { .len = 128 };
	int err;

	if (inet_pton(AF_INET, addr, &k4.addr) == 1)
		err = bpf_map_update_elem(env[1], &k4, &type, 0);
	else if (inet_pton(AF_INET6, addr, k6.addr) == 1)
		err = bpf_map_update_elem(env[2], &k6, &type, 0);
	else
		err = -1;
	if (err)
		abort();
}

static void sh(const char *command)
{
	if (system(command))
		printf("# failed: %s\n", command);
}

/* A namespace with two devices to forward between, and the maps that say so. */
static void world(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, trie, .map_flags = BPF_F_NO_PREALLOC);

	if (unshare(CLONE_NEWNET))
		abort();
	sh("ip link set lo up; ip link add in0 address 02:00:00:00:00:07 type veth peer name in1;"
	   "ip link add out0 type veth peer name out1;"
	   "ip addr add 10.9.0.2/24 dev in0; ip addr add fd09::2/64 dev in0 nodad;"
	   "ip addr add 10.10.0.2/24 dev out0; ip addr add fd10::2/64 dev out0 nodad;"
	   "for d in in0 in1 out0 out1; do ip link set $d up; done");
	sh("for f in /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv6/conf/all/forwarding;"
	   "do echo 1 >$f; done");
	env[0] = bpf_map_create(BPF_MAP_TYPE_HASH, "d", 4, sizeof(struct xtbpf_dev), 1024, NULL);
	env[1] = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "l4", sizeof(struct xtbpf_lpm4), 4, 65536,
				&trie);
	env[2] = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "l6", sizeof(struct xtbpf_lpm6), 4, 65536,
				&trie);
	env[3] = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "s", 4, 8, XTBPF_NSTAT, NULL);
	set_dev(1, "lo", ALL_FLAGS, 0);
	set_dev(if_nametoindex("in0"), "in0", ALL_FLAGS, 0);
	set_dev(if_nametoindex("out0"), "out0", ALL_FLAGS, 0);
	set_route("10.9.0.2", XTBPF_RT_LOCAL);
	set_route("10.10.0.2", XTBPF_RT_LOCAL);
	set_route("10.9.0.255", XTBPF_RT_BROADCAST);
	set_route("10.9.0.77", XTBPF_RT_ASK);
	set_route("fd09::2", XTBPF_RT_LOCAL);
	set_route("fd09::77", XTBPF_RT_ASK);
}

/* ---- cases ------------------------------------------------------------------------ */

#define V(four, six) (family == XTBPF_IPV4 ? (four) : (six))

/* raw and mangle PREROUTING, mangle INPUT (or FORWARD), and the rule that drops */
#define WHOLE_WAY 4

static void input_cases(const struct xtbpf_loaded *prog, bool xdp)
{
	struct packet p;

	base(&p, 17, 10);
	expect(prog, xdp, &p, WHOLE_WAY, "UDP to the port is dropped and counted");
	set_port(&p, 8);
	expect(prog, xdp, &p, 0, "another port passes");
	set_port(&p, 68);
	expect(prog, xdp, &p, 0, "DHCP passes");
	base(&p, 17, 10);
	p.len -= 3;
	expect(prog, xdp, &p, 0, "shorter than it says");
	base(&p, 17, 10);
	p.len += 12;
	expect(prog, xdp, &p, WHOLE_WAY, "padding is not counted");
	base(&p, 17, 10);
	set_addr(&p, false, V("10.9.0.77", "fd09::77"));
	expect(prog, xdp, &p, 0, "destination only the kernel can judge");
	set_addr(&p, false, V("10.9.0.255", "ff02::1"));
	expect(prog, xdp, &p, 0, "broadcast or multicast");
	base(&p, 17, 10);
	set_addr(&p, true, V("10.9.0.2", "fd09::2"));
	expect(prog, xdp, &p, 0, "our own source");
	set_addr(&p, true, V("127.0.0.1", "::1"));
	expect(prog, xdp, &p, 0, "loopback source");
	set_addr(&p, true, V("0.0.0.0", "fe80::1"));
	expect(prog, xdp, &p, 0, "zero or link-local source");
	base(&p, 6, 0);
	expect(prog, xdp, &p, WHOLE_WAY, "TCP without data");
	base(&p, 6, 10);
	expect(prog, xdp, &p, xdp ? 0 : WHOLE_WAY, "TCP with data, which GRO may merge");
	base(&p, 17, 10);
	p.b[0] = 2;
	expect(prog, xdp, &p, 0, "for another station");
	set_dev(1, "lo", ALL_FLAGS & ~(XTBPF_DEV_EARLY4 | XTBPF_DEV_EARLY6), 0);
	base(&p, 17, 10);
	expect(prog, xdp, &p, 0, "early drop is off for the device");
	set_dev(1, "lo", ALL_FLAGS, 0);
	if (family == XTBPF_IPV6) {
		IP6(&p)->ip6_nxt = 0;
		expect(prog, xdp, &p, 0, "extension header");
		return;
	}
	IP4(&p)->check ^= 1;
	expect(prog, xdp, &p, 0, "bad header checksum");
	base(&p, 17, 10);
	IP4(&p)->frag_off = htons(0x2000);
	checksum(&p);
	expect(prog, xdp, &p, 0, "fragment");
	base(&p, 17, 10);
	IP4(&p)->ihl = 6;
	expect(prog, xdp, &p, 0, "options");
}

/* The base packet as it comes to in0. */
static void arrive(struct packet *p, uint32_t ifindex)
{
	base(p, 17, 10);
	p->ifindex = ifindex;
	p->b[0] = 2;
	p->b[5] = 7;
}

static void forward_cases(const struct xtbpf_loaded *prog)
{
	uint32_t in = if_nametoindex("in0");
	struct packet p;

	arrive(&p, in);
	set_addr(&p, false, V("10.10.0.9", "fd10::9"));
	expect(prog, false, &p, WHOLE_WAY, "forwarded: dropped and counted");
	set_port(&p, OUT_PORT);
	expect(prog, false, &p, WHOLE_WAY, "forwarded: the outgoing device is known");
	if (family == XTBPF_IPV4)
		IP4(&p)->ttl = 1;
	else
		IP6(&p)->ip6_hlim = 1;
	checksum(&p);
	expect(prog, false, &p, 0, "at its last hop");
	arrive(&p, in);
	set_addr(&p, false, V("10.9.0.9", "fd09::9"));
	expect(prog, false, &p, 0, "back by the device it came from");
	set_addr(&p, false, V("172.16.0.1", "fd99::1"));
	expect(prog, false, &p, 0, "no route");
	set_dev(in, "in0", ALL_FLAGS & ~(XTBPF_DEV_FWD4 | XTBPF_DEV_FWD6), 0);
	set_addr(&p, false, V("10.10.0.9", "fd10::9"));
	expect(prog, false, &p, 0, "no forwarding on the device");
	set_dev(in, "in0", ALL_FLAGS, 1);
	arrive(&p, in);
	if (family == XTBPF_IPV6)
		return;
	expect(prog, false, &p, WHOLE_WAY, "strict reverse path, right device");
	set_addr(&p, true, "10.10.0.9");
	expect(prog, false, &p, 0, "strict reverse path, other device");
	set_dev(in, "in0", ALL_FLAGS, 2);
	expect(prog, false, &p, WHOLE_WAY, "loose reverse path, other device");
	set_addr(&p, true, "172.16.0.1");
	expect(prog, false, &p, 0, "loose reverse path, no route");
	set_dev(in, "in0", ALL_FLAGS, 0);
}

int main(void)
{
	world();
	for (family = XTBPF_IPV4; family <= XTBPF_IPV6; family++) {
		struct xtbpf_loaded prog[2];

		make_table(XTBPF_RAW, 1u << XTBPF_PREROUTING | 1u << XTBPF_OUTPUT, false);
		make_table(XTBPF_MANGLE, 31, false);
		make_table(XTBPF_FILTER, 14, true);
		if (load(prog)) {
			printf("not ok %d - early drop loads\n", ++tests);
			failed = 1;
			continue;
		}
		printf("ok %d - early drop loads (%.1f ms)\n", ++tests, prog[0].load_us / 1e3);
		input_cases(prog, true);
		input_cases(prog, false);
		forward_cases(prog);
	}
	printf("1..%d\n", tests);
	return failed;
}
