/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/third.h"

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/diff/nflog.h"
#include "tests/diff/proc.h"

struct third {
	int netns, family;
	struct xtbpf_blob blob;
	struct xtbpf_ruleset *rs;
	struct xt_counters *count;
	struct nflog *log;
	unsigned int seen;
};

/* GET_INFO and GET_ENTRIES are laid out alike in both families. */
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "same layout");
_Static_assert(sizeof(struct ipt_get_entries) == sizeof(struct ip6t_get_entries), "same layout");

static int get_blob(int netns, int family, const char *table, struct xtbpf_blob *out)
{
	struct ipt_getinfo info = { 0 };
	socklen_t len = sizeof(info);
	int level = family == 4 ? IPPROTO_IP : IPPROTO_IPV6, fd, err = 0;
	struct ipt_get_entries *get;

	netns_in(netns);
	fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	netns_home();
	if (fd < 0)
		return -errno;
	snprintf(info.name, sizeof(info.name), "%s", table);
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len))
		err = -errno;
	len = (socklen_t)(sizeof(*get) + info.size);
	get = calloc(1, len);
	out->entries = malloc(info.size ? info.size : 1);
	if (!err && get && out->entries) {
		snprintf(get->name, sizeof(get->name), "%s", table);
		get->size = info.size;
		if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, get, &len))
			err = -errno;
		else
			memcpy(out->entries, get->entrytable, info.size);
	}
	close(fd);
	free(get);
	out->family = family == 4 ? XTBPF_IPV4 : XTBPF_IPV6;
	out->table = xtbpf_table_find(table);
	out->valid_hooks = info.valid_hooks;
	out->num_entries = info.num_entries;
	out->size = info.size;
	for (int h = 0; h < XTBPF_NHOOK; h++) {
		bool used = info.valid_hooks & 1u << h;

		out->hook_entry[h] = used ? info.hook_entry[h] : XTBPF_NO_HOOK;
		out->underflow[h] = used ? info.underflow[h] : XTBPF_NO_HOOK;
	}
	return err;
}

struct third *third_open(const struct topo *t, const char *table)
{
	struct third *th = calloc(1, sizeof(*th));
	struct xtbpf_reason why = { 0 };
	int err;

	if (!th)
		return NULL;
	th->netns = t->box;
	th->family = t->family;
	err = get_blob(t->box, t->family, table, &th->blob);
	if (!err)
		err = xtbpf_ruleset_new(&th->blob, true, &th->rs, &why);
	if (!err)
		th->count = calloc(th->blob.num_entries, sizeof(*th->count));
	th->log = nflog_open(t->box, t->family,
			     xtbpf_table_def(th->blob.table)->priority[XTBPF_INPUT]);
	if (err || !th->count || !th->log) {
		printf("# evaluator: error %d: %s rule %u: %s\n", err, why.chain, why.rule,
		       why.text);
		third_close(th);
		return NULL;
	}
	return th;
}

static void on_packet(void *arg, enum xtbpf_hook hook, const struct xtbpf_packet *pkt)
{
	uint32_t hits[512];
	struct xtbpf_path path = { .hits = hits, .cap = 512 };
	struct third *th = arg;

	xtbpf_eval(th->rs, hook, pkt, &path);
	th->seen++;
	for (uint32_t i = 0; i < path.nhits && i < path.cap; i++) {
		th->count[hits[i]].pcnt++;
		th->count[hits[i]].bcnt += pkt->len;
	}
}

void third_drain(struct third *th)
{
	if (th)
		nflog_drain(th->log, on_packet, th);
}

static const struct xt_counters *counters_at(const struct third *th, const char *entry)
{
	return th->family == 4 ? &((const struct ipt_entry *)entry)->counters
			       : &((const struct ip6t_entry *)entry)->counters;
}

static uint16_t step_of(const struct third *th, const char *entry)
{
	return th->family == 4 ? ((const struct ipt_entry *)entry)->next_offset
			       : ((const struct ip6t_entry *)entry)->next_offset;
}

unsigned int third_compare(struct third *th)
{
	struct xtbpf_blob now = { 0 };
	unsigned int n = 0, nr = 0;

	if (!th)
		return 0;
	if (get_blob(th->netns, th->family, xtbpf_table_def(th->blob.table)->name, &now) ||
	    now.num_entries != th->blob.num_entries) {
		xtbpf_blob_release(&now);
		return 1;
	}
	for (uint32_t off = 0; off < now.size && nr < now.num_entries; nr++) {
		const char *e = (char *)now.entries + off;
		const struct xt_counters *k = counters_at(th, e), *m = &th->count[nr];
		const char *chain = "?";
		unsigned int rule = 0;

		if ((k->pcnt != m->pcnt || k->bcnt != m->bcnt) && n++ < 5) {
			xtbpf_ruleset_locate(th->rs, nr, &chain, &rule);
			printf("# evaluator: %s rule %u: kernel [%llu:%llu], evaluator "
			       "[%llu:%llu]\n",
			       chain, rule, (unsigned long long)k->pcnt,
			       (unsigned long long)k->bcnt, (unsigned long long)m->pcnt,
			       (unsigned long long)m->bcnt);
		}
		off += step_of(th, e);
	}
	printf("# evaluator: %u packets seen at the hooks, %u of %u counters differ\n", th->seen, n,
	       nr);
	xtbpf_blob_release(&now);
	return n;
}

void third_close(struct third *th)
{
	if (!th)
		return;
	nflog_close(th->log);
	xtbpf_ruleset_free(th->rs);
	xtbpf_blob_release(&th->blob);
	free(th->count);
	free(th);
}
