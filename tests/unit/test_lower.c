// SPDX-License-Identifier: GPL-2.0-only
/* Lowering: what the kernel accepts and xtbpf refuses, and what becomes of the rest. */
#include "unit.h"

#include "blobs.h"
#include "translator/ruleset.h"

#include <errno.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

/* FORWARD and OUTPUT without rules, for a blob whose INPUT is done. */
static void rest(struct blobs *b)
{
	blobs_hook(b, XTBPF_FORWARD);
	blobs_policy(b, XTBPF_FORWARD, V_ACCEPT);
	blobs_hook(b, XTBPF_OUTPUT);
	blobs_policy(b, XTBPF_OUTPUT, V_ACCEPT);
}

/* INPUT: one conditional rule with this verdict, then chain A of two rules and its RETURN. */
struct fixture {
	struct blobs *b;
	uint32_t rule, a, a_second, a_end;
};

static struct fixture make(void)
{
	struct rule r = rule_proto(6, V_NEXT);
	struct fixture f = { .b = blobs_new(XTBPF_IPV4, XTBPF_FILTER) };

	blobs_hook(f.b, XTBPF_INPUT);
	f.rule = blobs_add(f.b, &r);
	blobs_policy(f.b, XTBPF_INPUT, V_ACCEPT);
	rest(f.b);
	f.a = blobs_user(f.b, "A");
	blobs_add(f.b, &r);
	f.a_second = blobs_add(f.b, &r);
	f.a_end = blobs_simple(f.b, V_RETURN);
	blobs_end(f.b);
	return f;
}

static void refused(struct blobs *b, const char *chain, unsigned int rule, const char *text)
{
	struct xtbpf_reason why;

	assert_int_equal(blobs_try(b, false, &why), 0);
	assert_int_equal(blobs_try(b, true, &why), -EOPNOTSUPP);
	assert_int_equal(why.err, EOPNOTSUPP);
	assert_true(why.ours);
	assert_string_equal(why.text, text);
	assert_string_equal(why.chain, chain);
	assert_int_equal(why.rule, rule);
}

static void odd_jumps(void **state)
{
	struct fixture f = make();

	blobs_verdict(f.b, f.rule, (int32_t)f.a);
	assert_int_equal(blobs_try(f.b, true, NULL), 0);
	blobs_verdict(f.b, f.rule, (int32_t)f.a_second);
	refused(f.b, "INPUT", 1, "jumps into the middle of chain A");
	blobs_verdict(f.b, f.rule, (int32_t)f.a - 176);
	refused(f.b, "INPUT", 1, "jumps to the head of a chain");
	blobs_verdict(f.b, f.rule, (int32_t)f.b->blob.hook_entry[XTBPF_OUTPUT]);
	refused(f.b, "INPUT", 1, "jumps into built-in chain OUTPUT");
	blobs_verdict(f.b, f.rule, V_QUEUE);
	refused(f.b, "INPUT", 1,
		"verdict QUEUE is not supported: BPF cannot queue packets to user space");
	blobs_free(f.b);
}

static void chains_without_end(void **state)
{
	struct fixture f = make();

	blobs_verdict(f.b, f.rule, (int32_t)f.a);
	blobs_verdict(f.b, f.a_end, V_DROP);
	assert_int_equal(blobs_try(f.b, true, NULL), 0);
	blobs_free(f.b);

	/* INPUT's policy, with a rule behind it */
	f.b = blobs_new(XTBPF_IPV4, XTBPF_FILTER);
	blobs_hook(f.b, XTBPF_INPUT);
	blobs_policy(f.b, XTBPF_INPUT, V_ACCEPT);
	blobs_simple(f.b, V_DROP);
	rest(f.b);
	blobs_end(f.b);
	refused(f.b, "INPUT", 0, "the policy of INPUT is not its last rule");
	blobs_free(f.b);

	/* a chain that runs into the next chain's head */
	f.b = blobs_new(XTBPF_IPV4, XTBPF_FILTER);
	blobs_hook(f.b, XTBPF_INPUT);
	f.rule = blobs_simple(f.b, V_DROP);
	blobs_policy(f.b, XTBPF_INPUT, V_ACCEPT);
	rest(f.b);
	f.a = blobs_user(f.b, "A");
	blobs_entry4(f.b, blobs_simple(f.b, V_DROP))->ip.proto = 6;
	blobs_user(f.b, "B");
	blobs_simple(f.b, V_RETURN);
	blobs_end(f.b);
	blobs_verdict(f.b, f.rule, (int32_t)f.a);
	refused(f.b, "A", 1, "chain A does not end after its last rule");
	blobs_free(f.b);
}

/* Never reached: not an error, but no rules either. */
static void unreachable(void **state)
{
	struct fixture f = make();
	struct xtbpf_ruleset *rs = NULL;
	const char *chain;
	unsigned int rule;

	blobs_verdict(f.b, f.a_second, V_QUEUE);
	assert_int_equal(xtbpf_ruleset_new(&f.b->blob, true, &rs, NULL), 0);
	assert_int_equal(rs->nchains, 4);
	assert_string_equal(rs->chains[3].name, "A");
	assert_int_equal(rs->chains[3].reach, 0);
	assert_int_equal(rs->chains[3].nrules, 0);
	assert_int_equal(rs->nrules, 4);
	assert_int_equal(xtbpf_ruleset_locate(rs, 6, &chain, &rule), 0);
	assert_string_equal(chain, "A");
	assert_int_equal(rule, 2);
	xtbpf_ruleset_free(rs);
	blobs_verdict(f.b, f.rule, (int32_t)f.a);
	refused(f.b, "A", 2,
		"verdict QUEUE is not supported: BPF cannot queue packets to user space");
	blobs_free(f.b);
}

static void actions(void **state)
{
	struct fixture f = make();
	struct xtbpf_ruleset *rs = NULL;

	blobs_verdict(f.b, f.rule, (int32_t)f.a);
	assert_int_equal(xtbpf_ruleset_new(&f.b->blob, true, &rs, NULL), 0);
	assert_int_equal(rs->base[XTBPF_PREROUTING], -1);
	assert_int_equal(rs->base[XTBPF_INPUT], 0);
	assert_int_equal(rs->base[XTBPF_OUTPUT], 2);
	assert_int_equal(rs->chains[0].nrules, 2);
	assert_int_equal(rs->chains[0].rules[0].action, XTBPF_A_JUMP);
	assert_int_equal(rs->chains[0].rules[0].target, 3);
	assert_int_equal(rs->chains[0].rules[1].action, XTBPF_A_ACCEPT);
	assert_int_equal(rs->chains[0].rules[1].number, 0);
	assert_int_equal(rs->chains[3].hook, XTBPF_NHOOK);
	assert_int_equal(rs->chains[3].reach, 1u << XTBPF_INPUT);
	assert_int_equal(rs->chains[3].first_entry, 5);
	assert_int_equal(rs->chains[3].rules[0].action, XTBPF_A_CONTINUE);
	assert_int_equal(rs->chains[3].rules[0].entry, 5);
	assert_int_equal(rs->chains[3].rules[2].action, XTBPF_A_RETURN);
	assert_int_equal(rs->chains[3].rules[2].number, 0);
	xtbpf_ruleset_free(rs);
	blobs_entry4(f.b, f.rule)->ip.flags = IPT_F_GOTO;
	assert_int_equal(xtbpf_ruleset_new(&f.b->blob, true, &rs, NULL), 0);
	assert_int_equal(rs->chains[0].rules[0].action, XTBPF_A_GOTO);
	xtbpf_ruleset_free(rs);
	blobs_verdict(f.b, f.rule, V_DROP); /* goto with a verdict: the verdict */
	assert_int_equal(xtbpf_ruleset_new(&f.b->blob, true, &rs, NULL), 0);
	assert_int_equal(rs->chains[0].rules[0].action, XTBPF_A_DROP);
	xtbpf_ruleset_free(rs);
	blobs_free(f.b);
}

static void locate(void **state)
{
	static const struct {
		const char *chain;
		unsigned int rule;
	} expected[] = { { "INPUT", 1 }, { "INPUT", 0 }, { "FORWARD", 0 }, { "OUTPUT", 0 },
			 { NULL, 0 },	 { "A", 1 },	 { "A", 2 },	   { "A", 0 },
			 { NULL, 0 },	 { NULL, 0 } };
	struct fixture f = make();
	struct xtbpf_ruleset *rs = NULL;
	unsigned int i, rule;
	const char *chain;

	assert_int_equal(xtbpf_ruleset_new(&f.b->blob, false, &rs, NULL), 0);
	assert_false(rs->lowered);
	assert_int_equal(xtbpf_ruleset_entries(rs), 9);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		int err = xtbpf_ruleset_locate(rs, i, &chain, &rule);

		assert_int_equal(err, expected[i].chain ? 0 : -ENOENT);
		if (err)
			continue;
		assert_string_equal(chain, expected[i].chain);
		assert_int_equal(rule, expected[i].rule);
	}
	xtbpf_ruleset_free(rs);
	blobs_free(f.b);
}

/* -m tcp where ip6_packet_match does not look for the header. */
static void protocol_not_evaluated(void **state)
{
	static const struct xt_tcp tcp = { .dpts = { 22, 22 } };
	struct rule r = rule_proto(6, V_DROP);
	struct blobs *b;

	rule_match(&r, "tcp", 0, &tcp, sizeof(tcp));
	r.ip6.flags = 0;
	b = blobs_filter(XTBPF_IPV6, &r, 1);
	refused(b, "INPUT", 1, "match tcp in an IPv6 rule that does not look for the protocol");
	blobs_free(b);
}

/* Preds of a rule without matches, canonical (ruleset.h). */
static unsigned int preds(enum xtbpf_family family, const struct rule *r, struct xtbpf_pred *first)
{
	struct blobs *b = blobs_filter(family, r, 1);
	struct xtbpf_ruleset *rs = NULL;
	unsigned int n;

	assert_int_equal(xtbpf_ruleset_new(&b->blob, true, &rs, NULL), 0);
	n = rs->rules[0].npreds;
	if (n)
		*first = rs->rules[0].preds[0];
	xtbpf_ruleset_free(rs);
	blobs_free(b);
	return n;
}

static bool never(const struct xtbpf_pred *p)
{
	static const uint8_t zero[16];

	return p->kind == XTBPF_P_BITS && !p->invert && !memcmp(p->bits.mask, zero, 16) &&
	       memcmp(p->bits.value, zero, 16);
}

static void canonical(void **state)
{
	struct rule r = rule_proto(0, V_DROP);
	struct xtbpf_pred p;

	assert_int_equal(preds(XTBPF_IPV4, &r, &p), 0);
	assert_int_equal(preds(XTBPF_IPV6, &r, &p), 0);
	rule_invert(&r, XT_INV_PROTO); /* of no protocol: nothing */
	assert_int_equal(preds(XTBPF_IPV4, &r, &p), 0);
	r = rule_proto(0, V_DROP);
	rule_invert(&r, IPT_INV_VIA_IN); /* ! -i + */
	assert_int_equal(preds(XTBPF_IPV4, &r, &p), 1);
	assert_true(never(&p));
	assert_int_equal(preds(XTBPF_IPV6, &r, &p), 1);
	assert_true(never(&p));
	r = rule_proto(0, V_DROP);
	r.ip4.src.s_addr = 1; /* outside its mask */
	assert_int_equal(preds(XTBPF_IPV4, &r, &p), 1);
	assert_true(never(&p));
	rule_invert(&r, IPT_INV_SRCIP);
	assert_int_equal(preds(XTBPF_IPV4, &r, &p), 0);
	r = rule_proto(0, V_DROP);
	r.ip6.src.s6_addr[0] = 1; /* IPv6 masks both sides */
	assert_int_equal(preds(XTBPF_IPV6, &r, &p), 0);
	r = rule_proto(300, V_DROP);
	assert_int_equal(preds(XTBPF_IPV4, &r, &p), 1);
	assert_true(never(&p));
	r = rule_proto(0, V_DROP);
	rule_invert(&r, IPT_INV_FRAG); /* without -f: never */
	assert_int_equal(preds(XTBPF_IPV4, &r, &p), 1);
	assert_true(never(&p));
	assert_int_equal(preds(XTBPF_IPV6, &r, &p), 0);
}

static void wrong_hooks(void **state)
{
	struct blobs *b = blobs_filter(XTBPF_IPV4, NULL, 0);
	struct xtbpf_reason why;

	b->blob.table = XTBPF_RAW;
	assert_int_equal(blobs_try(b, false, &why), 0);
	assert_int_equal(blobs_try(b, true, &why), -EINVAL);
	assert_false(why.ours);
	blobs_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_jumps),   cmocka_unit_test(chains_without_end),
		cmocka_unit_test(unreachable), cmocka_unit_test(actions),
		cmocka_unit_test(locate),      cmocka_unit_test(protocol_not_evaluated),
		cmocka_unit_test(canonical),   cmocka_unit_test(wrong_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
