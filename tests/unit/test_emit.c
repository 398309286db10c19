// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emission without a kernel: labels and dead code, layout of chains that nest
 * deep or run long, refusals, and the frame of the object. What generated
 * chains do is tested by tests/e2e/10-emit.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translator/bpf/key.h"
#include "translator/emit/emit.h"

/* Chain 0 is INPUT; each chain's first rule jumps to the next chain. */
struct sketch {
	struct xtbpf_ruleset rs;
	struct xtbpf_blob blob;
	struct xtbpf_chain chain[80];
};

static void sketch_init(struct sketch *s, unsigned int nchains, unsigned int rules)
{
	uint32_t entry = 0;

	memset(s, 0, sizeof(*s));
	s->rs = (struct xtbpf_ruleset){
		.table = XTBPF_FILTER,
		.blob = &s->blob,
		.chains = s->chain,
		.nchains = nchains,
		.base = { -1, 0, -1, -1, -1 },
	};
	for (unsigned int c = 0; c < nchains; c++) {
		struct xtbpf_chain *chain = &s->chain[c];

		snprintf(chain->name, sizeof(chain->name), "chain %u", c);
		chain->hook = c ? XTBPF_NHOOK : XTBPF_INPUT;
		chain->nrules = rules + 1;
		chain->rules = calloc(rules + 1, sizeof(*chain->rules));
		assert_non_null(chain->rules);
		for (unsigned int i = 0; i <= rules; i++)
			chain->rules[i].entry = entry++;
		chain->rules[rules].action = c ? XTBPF_A_RETURN : XTBPF_A_ACCEPT;
		if (c + 1 < nchains) {
			chain->rules[0].action = XTBPF_A_JUMP;
			chain->rules[0].target = c + 1;
		}
	}
	s->blob.num_entries = entry;
}

static void sketch_release(struct sketch *s)
{
	for (unsigned int c = 0; c < s->rs.nchains; c++)
		free(s->chain[c].rules);
}

static int emit(struct sketch *s, struct xtbpf_object *obj, struct xtbpf_reason *why)
{
	struct xtbpf_plan plan = { .place[XTBPF_FILTER][XTBPF_INPUT] = XTBPF_PLACE_NETFILTER };

	return xtbpf_emit_decide(&s->rs, &plan, obj, why);
}

static void labels_patch_where_they_stand(void **state)
{
	struct xtbpf_code c;

	assert_int_equal(xtbpf_code_init(&c), 0);
	{
		struct xtbpf_label end XTBPF_LABEL = { &c, 0 };

		xtbpf_op_jump_if(&end, BPF_JEQ, BPF_REG_1, 7);
		xtbpf_op_jump(&end);
		xtbpf_op_movw_imm(&c, BPF_REG_0, 1); /* nothing leads here */
	}
	xtbpf_op_return(&c, 2);
	assert_int_equal(c.err, 0);
	assert_int_equal(c.n, 4);
	assert_int_equal(c.insn[0].off, 1);
	assert_int_equal(c.insn[1].off, 0);
	xtbpf_code_release(&c);
}

static void jumps_too_far_are_an_error(void **state)
{
	struct xtbpf_code c;

	assert_int_equal(xtbpf_code_init(&c), 0);
	{
		struct xtbpf_label end XTBPF_LABEL = { &c, 0 };

		xtbpf_op_jump_if(&end, BPF_JEQ, BPF_REG_1, 7);
		for (int i = 0; i < 32768; i++)
			xtbpf_op_movw_imm(&c, BPF_REG_0, 1);
	}
	assert_int_equal(c.err, -E2BIG);
	xtbpf_code_release(&c);
}

static void objects_are_elf(void **state)
{
	struct xtbpf_object obj = { 0 };
	struct xtbpf_reason why = { 0 };
	struct sketch s;
	Elf64_Ehdr eh;

	sketch_init(&s, 3, 4);
	assert_int_equal(emit(&s, &obj, &why), 0);
	assert_true(obj.size > sizeof(eh));
	memcpy(&eh, obj.elf, sizeof(eh));
	assert_memory_equal(eh.e_ident, ELFMAG, SELFMAG);
	assert_int_equal(eh.e_type, ET_REL);
	assert_int_equal(eh.e_shoff + (size_t)eh.e_shnum * eh.e_shentsize, obj.size);
	assert_int_equal(obj.nprogs, 1);
	assert_string_equal(obj.progs[0].name, "f4_in");
	assert_string_equal(obj.runtime[0], "rt_nf");
	xtbpf_object_release(&obj);
	sketch_release(&s);
}

static void deep_chains_are_inlined(void **state)
{
	struct xtbpf_layout l;
	struct xtbpf_reason why = { 0 };
	struct sketch s;

	sketch_init(&s, 12, 2);
	assert_int_equal(xtbpf_layout_make(&s.rs, 1u << XTBPF_INPUT, &l, &why), 0);
	assert_int_equal(l.chain[0].frame, 2);
	assert_false(l.chain[6].inlined);
	assert_int_equal(l.chain[6].frame, 8);
	assert_true(l.chain[7].inlined);
	assert_true(l.chain[11].inlined);
	xtbpf_layout_release(&l);
	sketch_release(&s);
}

static void too_deep_is_refused(void **state)
{
	struct xtbpf_object obj = { 0 };
	struct xtbpf_reason why = { 0 };
	struct sketch s;

	sketch_init(&s, 80, 1);
	assert_int_equal(emit(&s, &obj, &why), -EOPNOTSUPP);
	assert_true(why.ours);
	assert_string_equal(why.table, "filter");
	assert_true(why.entry >= 0);
	assert_null(obj.elf);
	sketch_release(&s);
}

static void long_chains_are_chunked(void **state)
{
	struct xtbpf_layout l;
	struct xtbpf_object obj = { 0 };
	struct xtbpf_reason why = { 0 };
	struct sketch s;

	sketch_init(&s, 2, 2500);
	assert_int_equal(xtbpf_layout_make(&s.rs, 1u << XTBPF_INPUT, &l, &why), 0);
	assert_true(l.chain[0].chunked);
	assert_int_equal(l.chain[1].frame, 5);
	xtbpf_layout_release(&l);
	assert_int_equal(emit(&s, &obj, &why), 0);
	xtbpf_object_release(&obj);
	sketch_release(&s);
}

static void early_drop_has_two_programs(void **state)
{
	const struct xtbpf_ruleset *tables[XTBPF_NTABLE] = { 0 };
	struct xtbpf_plan plan = { .early = true };
	struct xtbpf_object obj = { 0 };
	struct xtbpf_reason why = { 0 };
	struct sketch s;

	sketch_init(&s, 3, 4);
	tables[XTBPF_FILTER] = &s.rs;
	assert_int_equal(xtbpf_emit_early(XTBPF_IPV6, tables, &plan, &obj, &why), 0);
	assert_int_equal(obj.nprogs, 2);
	assert_string_equal(obj.progs[0].name, "early_xdp");
	assert_int_equal(obj.progs[1].kind, XTBPF_PROG_TC_INGRESS);
	xtbpf_object_release(&obj);
	sketch_release(&s);
}

static void plans_place_by_environment(void **state)
{
	const struct xtbpf_ruleset *tables[XTBPF_NTABLE] = { 0 };
	struct xtbpf_env env = { .netfilter_links = true };
	struct xtbpf_reason why = { 0 };
	struct xtbpf_plan plan;
	struct sketch s;

	sketch_init(&s, 1, 1);
	tables[XTBPF_FILTER] = &s.rs;
	assert_int_equal(xtbpf_plan_make(XTBPF_IPV4, tables, &env, &plan, &why), 0);
	assert_int_equal(plan.place[XTBPF_FILTER][XTBPF_INPUT], XTBPF_PLACE_NETFILTER);
	assert_false(plan.early);
	assert_null(plan.inexact[0]);
	s.chain[0].rules[0].action = XTBPF_A_DROP;
	assert_int_equal(xtbpf_plan_make(XTBPF_IPV4, tables, &env, &plan, &why), 0);
	assert_true(plan.early);
	env.attach = XTBPF_ATTACH_TC;
	assert_int_equal(xtbpf_plan_make(XTBPF_IPV4, tables, &env, &plan, &why), 0);
	assert_int_equal(plan.place[XTBPF_FILTER][XTBPF_INPUT], XTBPF_PLACE_TC_INGRESS);
	assert_non_null(plan.inexact[0]);
	s.rs.table = XTBPF_NAT;
	tables[XTBPF_FILTER] = NULL;
	tables[XTBPF_NAT] = &s.rs;
	assert_int_equal(xtbpf_plan_make(XTBPF_IPV4, tables, &env, &plan, &why), -EOPNOTSUPP);
	sketch_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_patch_where_they_stand),
		cmocka_unit_test(jumps_too_far_are_an_error),
		cmocka_unit_test(objects_are_elf),
		cmocka_unit_test(deep_chains_are_inlined),
		cmocka_unit_test(too_deep_is_refused),
		cmocka_unit_test(long_chains_are_chunked),
		cmocka_unit_test(early_drop_has_two_programs),
		cmocka_unit_test(plans_place_by_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
