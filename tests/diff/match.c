/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/diff/counters.h"
#include "tests/diff/third.h"

struct pair {
	struct side side[2];
	char *before[2]; /* snmp */
	struct third *third;
};

static void pair_close(struct pair *p)
{
	third_close(p->third);
	for (int i = 0; i < 2; i++) {
		topo_close(&p->side[i].topo);
		free(p->before[i]);
	}
}

static int load(struct match *m, struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		char *none[] = { NULL };
		struct run r;

		side_client(&p->side[i], client_name(m->family, "-restore"), none,
			    i && m->other ? m->other : m->rules, &r);
		if (r.status && i) {
			m->refused = true;
			free(m->refusal);
			m->refusal = r.err;
			r.err = NULL;
		} else if (r.status) {
			printf("# kernel refuses: %s\n", r.err);
		}
		if (!r.status && r.err[0] && m->helper[i])
			printf("# %s says: %s\n", p->side[i].name, r.err);
		run_release(&r);
		if (r.status)
			return -EINVAL;
		if (i && m->refused)
			return 1;
	}
	return 0;
}

/* Before any packet: same text on both sides, and nothing in the kernel behind xtbpf. */
static void compare_loaded(struct match *m, struct pair *p)
{
	char *a = side_save(&p->side[0], false, NULL), *b = side_save(&p->side[1], false, NULL);

	m->differences += text_diff("saved text", a, b, NULL, 3);
	for (int i = 0; i < 2; i++) {
		if (p->side[i].by && !side_kernel_empty(&p->side[i])) {
			printf("# the kernel's own ip_tables holds tables behind xtbpf\n");
			m->differences++;
		}
	}
	free(a);
	free(b);
}

/* How many rules a packet has met: how good the aim was. */
static void count_met(struct match *m, const char *save)
{
	m->rules_met = m->rules_all = 0;
	for (const char *l = save; l && *l; l = strchr(l, '\n'), l = l ? l + 1 : NULL) {
		if (*l != '[')
			continue;
		m->rules_all++;
		m->rules_met += strncmp(l, "[0:0]", 5) != 0;
	}
}

static unsigned int compare_counters(struct match *m, struct pair *p, unsigned int show)
{
	unsigned int n = 0;

	for (int attempt = 0; attempt < 4; attempt++) {
		char *a = side_save(&p->side[0], true, NULL);
		char *b = side_save(&p->side[1], true, NULL);

		n = text_diff("counter", a, b, NULL, attempt == 3 ? show : 0);
		count_met(m, a);
		free(a);
		free(b);
		if (!n)
			break;
		topo_settle(&p->side[0].topo);
		topo_settle(&p->side[1].topo);
	}
	return n;
}

static unsigned int compare_snmp(struct match *m, struct pair *p)
{
	/* an early drop never reaches ip_rcv, one at TC egress was sent for all the IP layer knows */
	static const char *const early[] = { "OutOctets",     "OutDiscards",  "InReceives",
					     "ForwDatagrams", "InOctets",     "NoECTPkts",
					     "ECT",	      "CEPkts",	      "Ip6InMcast",
					     "Ip6InBcast",    "OutTransmits", NULL };
	static const char *const exact[] = { NULL };
	unsigned int n;
	char *d[2];

	for (int i = 0; i < 2; i++) {
		char *after = snmp_read(p->side[i].topo.box, m->family);

		d[i] = after ? snmp_delta(p->before[i], after) : NULL;
		free(after);
	}
	n = text_diff("snmp", d[0], d[1], m->early || m->tc ? early : exact, 5);
	free(d[0]);
	free(d[1]);
	return n;
}

static unsigned int compare_arrivals(struct pair *p)
{
	static const char *const end[] = { "client", "server" };
	unsigned int n = 0;

	for (int i = 0; i < 2; i++) {
		const struct arrivals *a = &p->side[0].topo.got[i], *b = &p->side[1].topo.got[i];

		if (a->packets == b->packets && a->bytes == b->bytes && a->hash == b->hash)
			continue;
		printf("# arrived at %s: %llu packets %llu bytes, and %llu packets %llu bytes%s\n",
		       end[i], (unsigned long long)a->packets, (unsigned long long)a->bytes,
		       (unsigned long long)b->packets, (unsigned long long)b->bytes,
		       a->packets == b->packets ? " (contents differ)" : "");
		n++;
	}
	return n;
}

static void report(const struct aim *a, const struct aimed *p, const struct pkt *pkt,
		   unsigned int nr, const char *what)
{
	static const char *const how[] = { "from client", "from server", "from the box" };
	char text[256], hex[2 * PKT_MAX + 1] = "";

	pkt_describe(&p->spec, text, sizeof(text));
	pkt_hex(pkt, hex, sizeof(hex));
	printf("# packet %u %s: %s: %s\n#   %.400s\n", nr, how[p->how], what, text, hex);
	if (p->rule >= 0)
		printf("#   aimed at: %s\n", a->t->rule[p->rule].text);
}

static bool special(int family, const uint8_t *a)
{
	if (family == 4)
		return !a[0] || a[0] == 127 || a[0] >= 224;
	return a[0] == 0xff || !memcmp(a, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15) ||
	       (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

static bool own(const struct topo_conf *conf, const uint8_t *a)
{
	for (unsigned int i = 0; i < conf->nlocal; i++)
		if (!memcmp(conf->local[i], a, conf->family == 4 ? 4 : 16))
			return true;
	return false;
}

/* At TC only whole, well-formed packets that routing does not discard are exact. */
static bool exact_at_tc(const struct topo_conf *conf, const struct aimed *p)
{
	const struct pkt_spec *s = &p->spec;

	return pkt_plain(s) && s->ttl > 1 && s->payload < 1000 && p->how != FROM_BOX &&
	       !special(conf->family, s->saddr) && !special(conf->family, s->daddr) &&
	       !own(conf, s->saddr);
}

static int send_one(struct match *m, struct pair *p, struct aim *a, unsigned int nr)
{
	struct aimed next;
	struct pkt pkt;
	int err[2];

	aim_next(a, &next);
	if (m->tc && !exact_at_tc(a->conf, &next))
		return 0;
	pkt_build(&next.spec, &pkt);
	m->sent++;
	for (int i = 0; i < 2; i++)
		err[i] = topo_send(&p->side[i].topo, next.how, &pkt);
	if (err[0] != err[1] && !m->tc) {
		if (m->differences++ < 3) {
			report(a, &next, &pkt, nr, "sender's errno differs");
			printf("#   %s and %s\n", strerror(err[0]), strerror(err[1]));
		}
	}
	if (nr % 16 == 0) {
		topo_drain(&p->side[0].topo);
		topo_drain(&p->side[1].topo);
		third_drain(p->third);
	}
	if (m->every && nr >= m->from && (m->every == 1 || nr % m->every == 0)) {
		topo_settle(&p->side[0].topo);
		if (compare_counters(m, p, m->every == 1 ? 5 : 0)) {
			m->first_bad = nr;
			if (m->every == 1)
				report(a, &next, &pkt, nr, "first difference");
			return 1;
		}
	}
	return 0;
}

static unsigned long long number_after(const char *text, const char *key)
{
	const char *p = text ? strstr(text, key) : NULL;

	return p ? strtoull(p + strlen(key) + strspn(p + strlen(key), "\": "), NULL, 10) : 0;
}

/* An early placement under which nothing is dropped early tests nothing. */
static void count_early(struct match *m, struct side *s)
{
	char prog[300];
	struct run r;

	snprintf(prog, sizeof(prog), "%s/xtbpf", s->by->bin);
	run_in(s->topo.box, (char *[]){ prog, "status", "-j", NULL }, NULL, &r);
	m->early_drops[0] = number_after(r.out, "xdp_drops");
	m->early_drops[1] = number_after(r.out, "tc_drops");
	printf("# dropped early: %llu at XDP, %llu at TC\n", m->early_drops[0], m->early_drops[1]);
	run_release(&r);
}

static int drive(struct match *m, struct pair *p, const struct topo_conf *conf, struct r_table *t)
{
	struct aim aim;
	int err = aim_init(t, conf, m->seed, &aim);

	if (err)
		return err;
	aim.strange = m->strange;
	for (unsigned int i = 1; i <= m->packets; i++)
		if (send_one(m, p, &aim, i))
			break;
	aim_free(&aim);
	for (int i = 0; i < 2; i++)
		topo_settle(&p->side[i].topo);
	third_drain(p->third);
	m->differences += compare_counters(m, p, 8);
	m->differences += compare_snmp(m, p);
	m->differences += compare_arrivals(p);
	m->differences += third_compare(p->third);
	if (m->early && p->side[1].by)
		count_early(m, &p->side[1]);
	return 0;
}

static int set_up(struct match *m, struct pair *p, const struct topo_conf *conf)
{
	for (int i = 0; i < 2; i++) {
		int err;

		p->side[i].name = m->helper[i] ? "xtbpf" : "kernel";
		p->side[i].by = m->helper[i];
		err = topo_make(conf, &p->side[i].topo);
		if (err)
			return err;
	}
	/* devices that just came up still report their multicast groups (twice, IPv6) */
	if (m->family == 6)
		usleep(150000);
	for (int i = 0; i < 2; i++)
		topo_settle(&p->side[i].topo);
	return 0;
}

static void closed(struct topo *t)
{
	*t = (struct topo){ .box = -1, .raw = -1, .ns = { -1, -1 }, .sock = { -1, -1 } };
}

int match_run(struct match *m)
{
	struct topo_conf conf;
	struct pair p = { 0 };
	struct r_table t;
	int err;

	closed(&p.side[0].topo);
	closed(&p.side[1].topo);
	m->differences = m->first_bad = m->sent = 0;
	m->refused = false;
	err = r_table_parse(m->family, m->rules, m->aim_at, &t);
	if (err)
		return err;
	aim_conf(&t, &conf);
	err = set_up(m, &p, &conf);
	if (!err)
		err = load(m, &p);
	if (!err && m->eval) {
		p.third = third_open(&p.side[0].topo, m->aim_at);
		if (!p.third)
			err = -EIO;
	}
	if (!err) {
		compare_loaded(m, &p);
		for (int i = 0; i < 2; i++) {
			topo_settle(&p.side[i].topo);
			memset(p.side[i].topo.got, 0, sizeof(p.side[i].topo.got));
			p.before[i] = snmp_read(p.side[i].topo.box, m->family);
		}
		err = drive(m, &p, &conf, &t);
	}
	pair_close(&p);
	r_table_free(&t);
	return err < 0 ? err : 0;
}
