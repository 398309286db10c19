// SPDX-License-Identifier: GPL-2.0-only
/*
 * emittest fuzz [SEED [ROUNDS]]: random rulesets and packet keys; the generated
 *     chains, run by BPF_PROG_TEST_RUN, against an interpreter of the same rules here:
 *     verdict and every counter, in deciding and in early form.
 * emittest load N...: how long a filter table of N rules takes to load.
 * TAP on stdout. Needs root.
 */
#include "../../translator/emit/emit.h"
#include "../../translator/bpf/key.h"
#include "../../umh/load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CHAINS 24
#define HEADER 14 /* test runs of TC programs want an Ethernet header */
#define FRAME (HEADER + sizeof(struct xtbpf_early_key))

struct sketch {
	struct xtbpf_ruleset rs;
	struct xtbpf_blob blob;
	struct xtbpf_chain chain[MAX_CHAINS];
	uint32_t entries;
};

static uint64_t seed = 1;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 11) % below;
}

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

/* ---- rules at random, over few values so that they hit -------------------- */

static void bits(struct xtbpf_pred *p, enum xtbpf_family family)
{
	enum xtbpf_field field = rnd(XTBPF_F_CPU); /* what early drop can see */
	unsigned int width = xtbpf_field(field, family).width;

	p->kind = XTBPF_P_BITS;
	p->bits.field = field;
	for (unsigned int i = 0; i < width; i++) {
		p->bits.mask[i] = rnd(3) ? 0 : rnd(2) ? 0xff : (uint8_t)rnd(256);
		p->bits.value[i] = p->bits.mask[i] & (uint8_t)rnd(2);
	}
	if (!rnd(40))
		p->bits.value[rnd(width)] = 0xee; /* outside the mask, perhaps */
}

static void pred(struct xtbpf_pred *p, enum xtbpf_family family)
{
	p->invert = !rnd(3);
	switch (rnd(11)) {
	case 0:
	case 1:
		p->kind = XTBPF_P_RANGES;
		p->ranges.n = 1 + rnd(4);
		p->ranges.range = need(calloc(p->ranges.n, sizeof(struct xtbpf_range)));
		for (unsigned int i = 0; i < p->ranges.n; i++) {
			static const enum xtbpf_field fields[] = { XTBPF_F_SPORT, XTBPF_F_DPORT,
								   XTBPF_F_IPLEN, XTBPF_F_HEAD4,
								   XTBPF_F_HEAD8, XTBPF_F_DPORT };
			uint32_t lo = rnd(3);

			p->ranges.range[i] = (struct xtbpf_range){ fields[rnd(6)], lo,
								   rnd(9) ? lo + rnd(2) : 65535 };
		}
		return;
	case 2:
		p->kind = XTBPF_P_L4;
		p->invert = false;
		p->l4.need = (uint8_t[]){ 4, 8, 20 }[rnd(3)];
		p->l4.frag1_hotdrop = rnd(2);
		return;
	case 3:
		p->kind = rnd(2) ? XTBPF_P_PROTO6 : XTBPF_P_TCPOPT;
		p->option = (uint8_t)rnd(256);
		if (p->kind == XTBPF_P_PROTO6)
			p->invert = false;
		return;
	case 4:
		p->kind = rnd(2) ? XTBPF_P_FIRST : XTBPF_P_BADOPT;
		p->invert = false;
		return;
	case 5:
		if (rnd(2)) {
			p->kind = XTBPF_P_NEED;
			p->invert = false;
			p->need.need = (uint8_t)(1 + rnd(20));
			p->need.hotdrop = rnd(2);
		} else {
			p->kind = XTBPF_P_WIDE;
			p->wide.field = rnd(2) ? XTBPF_F_SADDR : XTBPF_F_HEAD;
			for (unsigned int i = 0; i < 16; i++) {
				p->wide.lo[i] = (uint8_t)(rnd(3) == 0);
				p->wide.hi[i] = (uint8_t)(p->wide.lo[i] + (rnd(3) == 0));
			}
		}
		return;
	default:
		bits(p, family);
	}
}

static void rule(struct sketch *s, unsigned int c, struct xtbpf_rule *r, unsigned int nchains)
{
	static const enum xtbpf_action actions[] = { XTBPF_A_CONTINUE, XTBPF_A_CONTINUE,
						     XTBPF_A_ACCEPT,   XTBPF_A_DROP,
						     XTBPF_A_RETURN,   XTBPF_A_JUMP,
						     XTBPF_A_JUMP,     XTBPF_A_GOTO };

	r->action = actions[rnd(8)];
	if (r->action == XTBPF_A_JUMP || r->action == XTBPF_A_GOTO) {
		if (c + 1 == nchains)
			r->action = XTBPF_A_CONTINUE;
		else
			r->target = c + 1 + rnd(nchains - c - 1 < 3 ? nchains - c - 1 : 3);
	}
	r->npreds = rnd(20) ? 1 + rnd(4) : 0;
	r->preds = need(calloc(r->npreds + 1, sizeof(*r->preds)));
	for (unsigned int i = 0; i < r->npreds; i++)
		pred(&r->preds[i], s->rs.family);
}

static void chain(struct sketch *s, unsigned int c, unsigned int n)
{
	struct xtbpf_chain *ch = &s->chain[c];

	snprintf(ch->name, sizeof(ch->name), c ? "user-%u" : "INPUT", c);
	ch->hook = c ? XTBPF_NHOOK : XTBPF_INPUT;
	ch->nrules = n + 1;
	ch->rules = need(calloc(n + 1, sizeof(*ch->rules)));
	for (unsigned int i = 0; i <= n; i++) {
		ch->rules[i].entry = s->entries++;
		ch->rules[i].number = i < n ? i + 1 : 0;
	}
	ch->rules[n].action = c ? XTBPF_A_RETURN : rnd(2) ? XTBPF_A_ACCEPT : XTBPF_A_DROP;
}

static struct sketch *sketch(enum xtbpf_family family, unsigned int nchains, unsigned int n)
{
	struct sketch *s = need(calloc(1, sizeof(*s)));

	s->rs = (struct xtbpf_ruleset){ .family = family,
					.table = XTBPF_FILTER,
					.blob = &s->blob,
					.chains = s->chain,
					.nchains = nchains,
					.base = { -1, 0, -1, -1, -1 } };
	for (unsigned int c = 0; c < nchains; c++)
		chain(s, c, c ? 1 + rnd(6) : n);
	s->blob.num_entries = s->entries;
	return s;
}

static void release(struct sketch *s)
{
	for (unsigned int c = 0; c < s->rs.nchains; c++) {
		for (unsigned int i = 0; i < s->chain[c].nrules; i++) {
			struct xtbpf_rule *r = &s->chain[c].rules[i];

			for (unsigned int p = 0; p < r->npreds; p++)
				if (r->preds[p].kind == XTBPF_P_RANGES)
					free(r->preds[p].ranges.range);
			free(r->preds);
		}
		free(s->chain[c].rules);
	}
	free(s);
}

/* ---- the interpreter ------------------------------------------------------- */

enum truth { NO, YES, HOTDROP };

static bool bits_hold(const struct sketch *s, const struct xtbpf_pred *p, const uint8_t *key)
{
	struct xtbpf_field_def f = xtbpf_field(p->bits.field, s->rs.family);

	for (unsigned int i = 0; i < f.width; i++)
		if ((key[f.offset + i] & p->bits.mask[i]) != p->bits.value[i])
			return false;
	return true;
}

/* The bytes of a field as a number, in host order (we are little-endian). */
static uint32_t number(const struct xtbpf_key *k, enum xtbpf_field field)
{
	struct xtbpf_field_def f = xtbpf_field(field, XTBPF_IPV4);
	uint32_t v = 0;

	for (unsigned int i = 0; i < f.width; i++)
		v = v << 8 | ((const uint8_t *)k)[f.offset + (f.big_endian ? i : f.width - 1 - i)];
	return v;
}

static enum truth holds(const struct sketch *s, const struct xtbpf_pred *p,
			const struct xtbpf_key *k)
{
	const uint8_t *wide;
	uint8_t shorts = 0;
	bool any = false;

	switch (p->kind) {
	case XTBPF_P_BITS:
		return bits_hold(s, p, (const uint8_t *)k) != p->invert;
	case XTBPF_P_RANGES:
		for (unsigned int i = 0; i < p->ranges.n; i++) {
			const struct xtbpf_range *r = &p->ranges.range[i];
			uint32_t v = number(k, r->field);

			any |= r->lo <= v && v <= r->hi;
		}
		return any != p->invert;
	case XTBPF_P_L4:
		shorts = p->l4.need == 4   ? XTBPF_L4_SHORT4
			 : p->l4.need == 8 ? XTBPF_L4_SHORT8
					   : XTBPF_L4_SHORT20;
		if (k->l4 & shorts || (p->l4.frag1_hotdrop && k->l4 & XTBPF_L4_FRAG1))
			return HOTDROP;
		return !(k->l4 & XTBPF_L4_FRAG);
	case XTBPF_P_PROTO6:
		if (k->l4 & XTBPF_L4_NONE_DROP)
			return HOTDROP;
		return !(k->l4 & XTBPF_L4_NONE_MISS);
	case XTBPF_P_TCPOPT:
		if (k->l4 & XTBPF_L4_BADOPT)
			return HOTDROP;
		return (k->tcpopt[p->option / 32] >> p->option % 32 & 1) != p->invert;
	case XTBPF_P_FIRST:
		return !(k->l4 & XTBPF_L4_FRAG);
	case XTBPF_P_BADOPT:
		return k->l4 & XTBPF_L4_BADOPT ? HOTDROP : YES;
	case XTBPF_P_NEED:
		return k->have >= p->need.need ? YES : p->need.hotdrop ? HOTDROP : NO;
	case XTBPF_P_WIDE:
		wide = p->wide.field == XTBPF_F_SADDR ? (const uint8_t *)k->saddr : k->head;
		any = memcmp(wide, p->wide.lo, 16) >= 0 && memcmp(wide, p->wide.hi, 16) <= 0;
		return any != p->invert;
	case XTBPF_P_CALL:
		break;
	}
	return NO;
}

static enum truth rule_holds(const struct sketch *s, const struct xtbpf_rule *r,
			     const struct xtbpf_key *k)
{
	for (unsigned int i = 0; i < r->npreds; i++) {
		enum truth t = holds(s, &r->preds[i], k);

		if (t != YES)
			return t;
	}
	return YES;
}

static int interpret(const struct sketch *s, unsigned int c, const struct xtbpf_key *k,
		     uint32_t *count)
{
	const struct xtbpf_chain *ch = &s->chain[c];
	unsigned int i = 0;

	while (i < ch->nrules) {
		const struct xtbpf_rule *r = &ch->rules[i++];
		enum truth t = rule_holds(s, r, k);
		int v = XTBPF_R_CONTINUE;

		if (t == HOTDROP)
			return XTBPF_R_DROP;
		if (t == NO)
			continue;
		count[r->entry]++;
		if (r->action == XTBPF_A_ACCEPT)
			return XTBPF_R_ACCEPT;
		if (r->action == XTBPF_A_DROP)
			return XTBPF_R_DROP;
		if (r->action == XTBPF_A_JUMP || r->action == XTBPF_A_GOTO)
			v = interpret(s, r->target, k, count);
		if (v != XTBPF_R_CONTINUE)
			return v;
		if (r->action == XTBPF_A_RETURN || r->action == XTBPF_A_GOTO) {
			if (c)
				return XTBPF_R_CONTINUE;
			i = ch->nrules - 1;
		}
	}
	return XTBPF_R_CONTINUE;
}

/* ---- the generated code ------------------------------------------------------ */

/* A TC program: the early key from the packet, the chain, the key back, its verdict. */
static void harness(struct xtbpf_emit *e)
{
	struct xtbpf_code *c = e->code;
	unsigned int sym = xtbpf_code_sym(c, XTBPF_SYM_FUNC, XTBPF_SIG_TC, "harness");

	xtbpf_code_begin(c, sym, XTBPF_SEC_TC);
	xtbpf_code_line(c, "harness", 0);
	xtbpf_op_mov(c, BPF_REG_6, BPF_REG_1);
	for (int pass = 0; pass < 2; pass++) {
		xtbpf_op_load(c, 4, BPF_REG_2, BPF_REG_6, offsetof(struct __sk_buff, data));
		xtbpf_op_load(c, 4, BPF_REG_3, BPF_REG_6, offsetof(struct __sk_buff, data_end));
		xtbpf_op_mov(c, BPF_REG_4, BPF_REG_2);
		xtbpf_op_add_imm(c, BPF_REG_4, FRAME);
		xtbpf_op(c, BPF_JMP | BPF_JLE | BPF_X, BPF_REG_4, BPF_REG_3, 2, 0);
		xtbpf_op_movw_imm(c, BPF_REG_0, 99);
		xtbpf_op(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		for (int16_t at = 0; at < XTBPF_STACK_EARLY; at += 8) {
			if (pass) {
				xtbpf_op_load(c, 8, BPF_REG_4, BPF_REG_10, at - XTBPF_STACK_EARLY);
				xtbpf_op_store(c, 8, BPF_REG_2, HEADER + at, BPF_REG_4);
			} else {
				xtbpf_op_load(c, 8, BPF_REG_4, BPF_REG_2, HEADER + at);
				xtbpf_op_store(c, 8, BPF_REG_10, at - XTBPF_STACK_EARLY, BPF_REG_4);
			}
		}
		if (pass)
			break;
		xtbpf_op_mov(c, BPF_REG_1, BPF_REG_10);
		xtbpf_op_add_imm(c, BPF_REG_1, -XTBPF_STACK_EARLY);
		xtbpf_op_call(c, e->layout->chain[0].sym);
		xtbpf_op_mov(c, BPF_REG_7, BPF_REG_0);
	}
	xtbpf_op_mov(c, BPF_REG_0, BPF_REG_7);
	xtbpf_op_exit(c);
	xtbpf_code_end(c);
}

static int build(struct sketch *s, bool early, int map, struct xtbpf_reason *why)
{
	struct xtbpf_layout layout __attribute__((cleanup(xtbpf_layout_release))) = { 0 };
	struct xtbpf_code code __attribute__((cleanup(xtbpf_code_release))) = { 0 };
	struct xtbpf_object obj __attribute__((cleanup(xtbpf_object_release))) = { 0 };
	struct xtbpf_emit e = { .code = &code, .rs = &s->rs, .layout = &layout, .early = early };
	struct xtbpf_load_map lm = { "cnt_filter", map };
	struct xtbpf_loaded got[1];
	int err = xtbpf_layout_make(&s->rs, 1u << XTBPF_INPUT, &layout, why);

	if (err)
		return err;
	err = xtbpf_code_init(&code);
	if (err)
		return err;
	e.counters = xtbpf_code_sym(&code, XTBPF_SYM_COUNTERS, 0, "cnt_filter");
	code.sym[e.counters].entries = s->entries;
	xtbpf_emit_chains(&e);
	harness(&e);
	obj.progs = need(calloc(1, sizeof(*obj.progs)));
	obj.nprogs = 1;
	obj.progs[0] = (struct xtbpf_prog){ .name = "harness", .kind = XTBPF_PROG_TC_INGRESS };
	err = xtbpf_object_write(&code, &obj.elf, &obj.size);
	if (!err)
		err = xtbpf_load(&obj, &lm, 1, got, why);
	return err ? err : got[0].fd;
}

static void random_key(struct xtbpf_early_key *k)
{
	uint8_t *b = (uint8_t *)k;

	memset(k, 0, sizeof(*k));
	for (unsigned int i = 0; i < offsetof(struct xtbpf_key, tcpopt); i++)
		b[i] = rnd(6) ? (uint8_t)rnd(2) : (uint8_t)rnd(256);
	for (unsigned int i = offsetof(struct xtbpf_key, head); i < sizeof(k->key); i++)
		b[i] = rnd(6) ? (uint8_t)rnd(2) : (uint8_t)rnd(256);
	for (unsigned int i = 0; i < 8; i++)
		k->key.tcpopt[i] = rnd(UINT32_MAX) & rnd(UINT32_MAX);
	k->key.sport = (uint16_t)rnd(5);
	k->key.dport = rnd(30) ? (uint16_t)rnd(5) : 65535;
	k->key.l4 = rnd(3) ? 0 : (uint8_t)(1u << rnd(8));
	if (k->key.l4 & XTBPF_L4_FRAG1)
		k->key.l4 |= XTBPF_L4_FRAG;
	k->key.pad = 0;
	k->key.have = (uint8_t)rnd(21);
	k->key.iplen = rnd(5);
	k->key.len = 20 + rnd(1400);
}

/* Runs one key; the verdict, key changed in place. */
static int run(int fd, struct xtbpf_early_key *k)
{
	uint8_t frame[FRAME] = { [12] = 0x88, [13] = 0xb5 }, back[FRAME];
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .data_size_in = sizeof(frame),
		    .data_out = back, .data_size_out = sizeof(back), .repeat = 1);

	memcpy(frame + HEADER, k, sizeof(*k));
	if (bpf_prog_test_run_opts(fd, &o))
		return -1;
	memcpy(k, back + HEADER, sizeof(*k));
	return (int)o.retval;
}

struct counter {
	uint64_t packets, bytes;
};

/* Reads and clears the counters that differ from none. */
static int compare_counters(const struct sketch *s, int map, const uint32_t *want, uint32_t len)
{
	int ncpu = libbpf_num_possible_cpus(), bad = 0;
	struct counter *per = need(calloc((size_t)ncpu, sizeof(*per)));

	for (uint32_t e = 0; e < s->entries; e++) {
		struct counter sum = { 0 };

		if (bpf_map_lookup_elem(map, &e, per))
			abort();
		for (int i = 0; i < ncpu; i++) {
			sum.packets += per[i].packets;
			sum.bytes += per[i].bytes;
		}
		if (sum.packets != want[e] || sum.bytes != (uint64_t)want[e] * len) {
			printf("# entry %u: %llu packets %llu bytes, want %u of %u\n", e,
			       (unsigned long long)sum.packets, (unsigned long long)sum.bytes,
			       want[e], len);
			bad = 1;
		}
		if (sum.packets) {
			memset(per, 0, (size_t)ncpu * sizeof(*per));
			bpf_map_update_elem(map, &e, per, 0);
		}
	}
	free(per);
	return bad;
}

static int compare_trail(const struct sketch *s, const struct xtbpf_early_key *k, int verdict,
			 int want, uint32_t *count)
{
	uint32_t total = 0;

	for (uint32_t e = 0; e < s->entries; e++)
		total += count[e];
	if (total > XTBPF_TRAIL)
		return verdict != XTBPF_R_UNKNOWN;
	if (verdict != want || k->ntrail != total)
		return 1;
	for (uint32_t i = 0; i < k->ntrail; i++) {
		uint32_t e = k->trail[i] & 0xffffff;

		if (k->trail[i] >> 24 != XTBPF_FILTER || e >= s->entries || !count[e]--)
			return 1;
	}
	return 0;
}

static int fuzz_one(struct sketch *s, bool early, unsigned int keys)
{
	struct xtbpf_reason why = { 0 };
	int map = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "c", 4, 16, s->entries, NULL);
	uint32_t *count = need(calloc(s->entries, sizeof(*count)));
	int fd = build(s, early, map, &why), bad = 0;

	if (fd == -EOPNOTSUPP) {
		printf("# refused: %s %u: %s\n", why.chain, why.rule, why.text);
		keys = 0;
	} else if (fd < 0) {
		printf("# build: %s: %s %u: %s\n", strerror(-fd), why.chain, why.rule, why.text);
		bad = 1;
	}
	for (unsigned int i = 0; i < keys && !bad; i++) {
		struct xtbpf_early_key k;
		int want, got;

		random_key(&k);
		memset(count, 0, s->entries * sizeof(*count));
		want = interpret(s, 0, &k.key, count);
		got = run(fd, &k);
		bad = early ? compare_trail(s, &k, got, want, count)
			    : got != want || compare_counters(s, map, count, k.key.len);
		if (bad)
			printf("# key %u: verdict %d, want %d\n", i, got, want);
	}
	free(count);
	close(map);
	if (fd >= 0)
		close(fd);
	return bad;
}

static int fuzz(unsigned int rounds)
{
	int bad = 0;

	printf("1..%u\n", rounds);
	for (unsigned int i = 1; i <= rounds; i++) {
		uint64_t start = seed;
		bool early = i & 1, v6 = i & 2, lengthy = i % 10 == 0;
		struct sketch *s =
			sketch(v6 ? XTBPF_IPV6 : XTBPF_IPV4, 1 + rnd(lengthy ? 4 : MAX_CHAINS - 1),
			       lengthy ? 1100 + rnd(1500) : rnd(20));

		for (unsigned int c = 0; c < s->rs.nchains; c++)
			for (unsigned int r = 0; r + 1 < s->chain[c].nrules; r++)
				rule(s, c, &s->chain[c].rules[r], s->rs.nchains);

		int failed = fuzz_one(s, early, 40);

		printf("%sok %u - %s, %s, %u chains, %u entries (seed %llu)\n",
		       failed ? "not " : "", i, early ? "early" : "deciding", v6 ? "IPv6" : "IPv4",
		       s->rs.nchains, s->entries, (unsigned long long)start);
		bad |= failed;
		release(s);
	}
	return bad;
}

/* ---- load times ----------------------------------------------------------------- */

static void usual_rule(struct xtbpf_rule *r, unsigned int i)
{
	uint32_t addr = 0x0a000000u + i * 7919u;
	struct xtbpf_pred *p = r->preds = need(calloc(4, sizeof(*p)));

	r->action = i % 3 ? XTBPF_A_DROP : XTBPF_A_ACCEPT;
	r->npreds = 4;
	p[0].bits.field = XTBPF_F_SADDR;
	memset(p[0].bits.mask, 0xff, 4);
	memcpy(p[0].bits.value, &addr, 4);
	p[1].bits.field = XTBPF_F_PROTO;
	memset(p[1].bits.mask, 0xff, 2);
	p[1].bits.value[0] = 6;
	p[2].kind = XTBPF_P_L4;
	p[2].l4.need = 20;
	p[3].kind = XTBPF_P_RANGES;
	p[3].ranges.n = 1;
	p[3].ranges.range = need(calloc(1, sizeof(struct xtbpf_range)));
	*p[3].ranges.range = (struct xtbpf_range){ XTBPF_F_DPORT, (uint16_t)i,
						   (uint16_t)(i < 65530 ? i + 3 : i) };
}

static int load(unsigned int n)
{
	struct sketch *s = sketch(XTBPF_IPV4, 1, n);
	struct xtbpf_plan plan = { .place = { [XTBPF_FILTER][XTBPF_INPUT] =
						      XTBPF_PLACE_NETFILTER } };
	struct xtbpf_object obj = { 0 };
	struct xtbpf_reason why = { 0 };
	struct xtbpf_loaded got[1];
	struct xtbpf_load_map map = { "cnt_filter", bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "c",
								   4, 16, s->entries, NULL) };
	struct bpf_prog_info info = { 0 };
	int err;

	for (unsigned int i = 0; i < n; i++)
		usual_rule(&s->chain[0].rules[i], i);
	err = xtbpf_emit_decide(&s->rs, &plan, &obj, &why);
	if (!err)
		err = xtbpf_load(&obj, &map, 1, got, &why);
	if (!err)
		bpf_obj_get_info_by_fd(got[0].fd, &info, &(uint32_t){ sizeof(info) });
	if (err)
		printf("not ok - %u rules: %s: %s\n", n, strerror(-err), why.text);
	else
		printf("ok - %u rules: %u emitted, %u loaded, %u processed, %.1f ms\n", n,
		       obj.insns, got[0].insns, info.verified_insns, got[0].load_us / 1e3);
	xtbpf_object_release(&obj);
	release(s);
	close(map.fd);
	return err != 0;
}

int main(int argc, char **argv)
{
	int bad = 0;

	if (argc > 1 && !strcmp(argv[1], "fuzz")) {
		seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
		return fuzz(argc > 3 ? (unsigned int)atoi(argv[3]) : 40);
	}
	if (argc < 3 || strcmp(argv[1], "load") != 0) {
		fprintf(stderr, "usage: emittest fuzz [SEED [ROUNDS]] | load N...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		bad |= load((unsigned int)atoi(argv[i]));
	return bad;
}
