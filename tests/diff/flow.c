/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/flow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ports: 1000 both accept, 2000 both drop, 3000 only ruleset 0 accepts. */
const char *flow_rules(int which)
{
	static const char *const rules[] = {
		"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n"
		"-A FORWARD -p udp -m udp --dport 1000 -j ACCEPT\n"
		"-A FORWARD -p udp -m udp --dport 3000 -j ACCEPT\n"
		"-A OUTPUT -p udp -m udp --dport 1000 -j ACCEPT\n"
		"-A OUTPUT -p udp -m udp --dport 3000 -j ACCEPT\nCOMMIT\n",
		"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		":deny - [0:0]\n"
		"-A FORWARD -p tcp -j ACCEPT\n"
		"-A FORWARD -p udp -m udp --dport 2000:4000 -j deny\n"
		"-A OUTPUT -p udp -m multiport --dports 2000,3000 -j deny\n"
		"-A deny -p udp -j DROP\nCOMMIT\n",
	};

	return rules[which & 1];
}

static int send_kind(struct flow *f, enum flow_kind kind, enum inject how)
{
	static const uint8_t src[4] = { 10, 7, 7, 7 }, dst[4] = { 8, 8, 4, 4 };
	struct pkt_spec s;
	struct pkt p;

	pkt_init(&s, 4);
	memcpy(s.saddr, how == FROM_BOX ? topo_own[0][1] : src, 4);
	memcpy(s.daddr, dst, 4);
	s.sport = 40000;
	s.dport = (uint16_t)(1000 * (kind + 1));
	/* the box's own are told apart by their length */
	s.payload = how == FROM_BOX ? 9 : 8;
	pkt_build(&s, &p);
	return topo_send(f->topo, how, &p);
}

static void collect(struct flow *f)
{
	uint8_t b[256];
	ssize_t n;

	while ((n = recv(f->topo->sock[1], b, sizeof(b), 0)) > 0) {
		unsigned int port = (unsigned int)(b[36] << 8 | b[37]);

		/* 14 + 20 + 8 + 8: forwarded */
		if (n == 50 && b[23] == 17 && port % 1000 == 0 && port / 1000 - 1 < FLOW_NKIND)
			f->arrived[port / 1000 - 1]++;
	}
}

void flow_burst(struct flow *f, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		for (int k = 0; k < FLOW_NKIND; k++) {
			f->sent[k] += !send_kind(f, k, FROM_CLIENT);
			if (send_kind(f, k, FROM_BOX))
				f->refused[k]++;
			else
				f->passed[k]++;
		}
		collect(f);
	}
}

unsigned int flow_check(struct flow *f)
{
	unsigned int bad = 0;

	for (int i = 0; i < 50 && f->arrived[FLOW_ACCEPT] < f->sent[FLOW_ACCEPT]; i++) {
		usleep(10000);
		collect(f);
	}
	if (f->arrived[FLOW_ACCEPT] != f->sent[FLOW_ACCEPT] && ++bad)
		printf("# forwarded and accepted by both: sent %llu, arrived %llu\n",
		       (unsigned long long)f->sent[FLOW_ACCEPT],
		       (unsigned long long)f->arrived[FLOW_ACCEPT]);
	if (f->arrived[FLOW_DROP] && ++bad)
		printf("# dropped by both, yet arrived: %llu of %llu\n",
		       (unsigned long long)f->arrived[FLOW_DROP],
		       (unsigned long long)f->sent[FLOW_DROP]);
	if (f->refused[FLOW_ACCEPT] && ++bad)
		printf("# the box's own, accepted by both, yet refused: %llu\n",
		       (unsigned long long)f->refused[FLOW_ACCEPT]);
	if (f->passed[FLOW_DROP] && ++bad)
		printf("# the box's own, dropped by both, yet sent: %llu\n",
		       (unsigned long long)f->passed[FLOW_DROP]);
	return bad;
}
