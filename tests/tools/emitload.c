// SPDX-License-Identifier: GPL-2.0-only
/*
 * emitload [-6] N...: loads a filter table of N rules of the usual kind and
 * prints how long it took. Rulesets are made by hand, so nothing but emission,
 * linking and the verifier is measured.
 */
#include "../../translator/ruleset.h"
#include "../../umh/load.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USER_CHAINS 12

struct sketch {
	struct xtbpf_ruleset rs;
	struct xtbpf_blob blob;
	struct xtbpf_chain chain[1 + USER_CHAINS];
	uint32_t entries;
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

static void preds(struct xtbpf_rule *r, unsigned int i, enum xtbpf_family family)
{
	uint32_t addr = 0x0a000000u + i * 7919u;
	struct xtbpf_pred *p;

	r->npreds = 4;
	p = r->preds = need(calloc(4, sizeof(*p)));
	p[0].kind = XTBPF_P_BITS;
	p[0].bits.field = XTBPF_F_SADDR;
	memset(p[0].bits.mask, 0xff, family == XTBPF_IPV4 ? 4 : 16);
	memcpy(p[0].bits.value, &addr, 4);
	p[1].kind = XTBPF_P_BITS;
	p[1].bits.field = XTBPF_F_PROTO;
	memset(p[1].bits.mask, 0xff, 2);
	p[1].bits.value[0] = 6;
	p[2].kind = XTBPF_P_L4;
	p[2].l4.need = 20;
	p[3].kind = XTBPF_P_RANGES;
	p[3].ranges.n = 1;
	p[3].ranges.range = need(calloc(1, sizeof(struct xtbpf_range)));
	*p[3].ranges.range = (struct xtbpf_range){XTBPF_F_DPORT, (uint16_t)(i & 0x7fff),
						  (uint16_t)((i & 0x7fff) + 3)};
}

static void chain(struct sketch *s, unsigned int c, const char *name, enum xtbpf_hook hook,
		  unsigned int n)
{
	struct xtbpf_chain *ch = &s->chain[c];

	snprintf(ch->name, sizeof(ch->name), "%s", name);
	ch->hook = hook;
	ch->nrules = n + 1;
	ch->rules = need(calloc(n + 1, sizeof(*ch->rules)));
	for (unsigned int i = 0; i <= n; i++) {
		struct xtbpf_rule *r = &ch->rules[i];

		r->entry = s->entries++;
		r->number = i < n ? i + 1 : 0;
		r->action = i == n	   ? hook == XTBPF_NHOOK ? XTBPF_A_RETURN : XTBPF_A_DROP
			    : i % 3	   ? XTBPF_A_DROP
			    : i % 2	   ? XTBPF_A_CONTINUE
					   : XTBPF_A_ACCEPT;
		if (i < n)
			preds(r, i, s->rs.family);
	}
	/* each chain's first rule goes to the next chain: deeper than frames reach */
	if (n && c < USER_CHAINS) {
		ch->rules[0].action = XTBPF_A_JUMP;
		ch->rules[0].target = c + 1;
	}
}

static void make(struct sketch *s, enum xtbpf_family family, unsigned int n)
{
	s->rs = (struct xtbpf_ruleset){.family = family,
				       .table = XTBPF_FILTER,
				       .blob = &s->blob,
				       .chains = s->chain,
				       .nchains = 1 + USER_CHAINS,
				       .base = {-1, 0, -1, -1, -1}};
	chain(s, 0, "INPUT", XTBPF_INPUT, n);
	for (unsigned int c = 1; c <= USER_CHAINS; c++) {
		char name[16];

		snprintf(name, sizeof(name), "user-%u", c);
		chain(s, c, name, XTBPF_NHOOK, 5);
	}
	s->blob.num_entries = s->entries;
}

static int load(enum xtbpf_family family, unsigned int n)
{
	struct sketch *s = need(calloc(1, sizeof(*s)));
	struct xtbpf_plan plan = {.family = family};
	struct xtbpf_object obj = {0};
	struct xtbpf_reason why = {0};
	struct xtbpf_loaded got[XTBPF_NHOOK];
	int err;

	make(s, family, n);
	plan.place[XTBPF_FILTER][XTBPF_INPUT] = XTBPF_PLACE_NETFILTER;
	err = xtbpf_emit_decide(&s->rs, &plan, &obj, &why);
	if (!err && getenv("SAVE")) {
		FILE *f = fopen(getenv("SAVE"), "w");

		fwrite(obj.elf, 1, obj.size, f);
		fclose(f);
	}
	if (!err) {
		struct xtbpf_load_map map = {"cnt_filter",
					     bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "c", 4, 16,
							    s->entries, NULL)};

		err = xtbpf_load(&obj, &map, 1, got, &why);
	}
	if (err) {
		printf("not ok - IPv%c %u rules: %s: %s %s %u: %s\n",
		       family == XTBPF_IPV4 ? '4' : '6', n, strerror(-err), why.table, why.chain,
		       why.rule, why.text);
		return 1;
	}
	xtbpf_load_info(&got[0]);
	printf("ok - IPv%c %u rules: %u insns emitted, %u loaded, %u bytes jited, %.1f ms\n",
	       family == XTBPF_IPV4 ? '4' : '6', n, obj.insns, got[0].insns, got[0].jited,
	       got[0].load_us / 1e3);
	if (getenv("HOLD"))
		pause();
	return 0;
}

int main(int argc, char **argv)
{
	enum xtbpf_family family = XTBPF_IPV4;
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-6"))
			family = XTBPF_IPV6;
		else
			bad |= load(family, (unsigned int)atoi(argv[i]));
	}
	return bad;
}
