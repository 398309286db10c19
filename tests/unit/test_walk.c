// SPDX-License-Identifier: GPL-2.0-only
/* SET_REPLACE step 14c: loops, and which hooks reach which entry. */
#include "unit.h"

#include "blobs.h"

#include <errno.h>
#include <string.h>

/*
 * Entries of filter with three rules in INPUT and chains A and B:
 * INPUT 0 1 2 (policy 3), FORWARD 4, OUTPUT 5 (policy 6), A: 8 9, B: 11 12, ERROR 13
 */
struct fixture {
	struct blobs *b;
	uint32_t in[3], out, a, a_rule, a_end, bb, b_rule, b_end;
};

static void make(struct fixture *f)
{
	struct rule r = rule_proto(6, V_NEXT);
	struct blobs *b = f->b = blobs_new(XTBPF_IPV4, XTBPF_FILTER);
	unsigned int i;

	blobs_hook(b, XTBPF_INPUT);
	for (i = 0; i < 3; i++)
		f->in[i] = blobs_add(b, &r);
	blobs_policy(b, XTBPF_INPUT, V_ACCEPT);
	blobs_hook(b, XTBPF_FORWARD);
	blobs_policy(b, XTBPF_FORWARD, V_ACCEPT);
	blobs_hook(b, XTBPF_OUTPUT);
	f->out = blobs_add(b, &r);
	blobs_policy(b, XTBPF_OUTPUT, V_ACCEPT);
	f->a = f->a_rule = blobs_user(b, "A");
	blobs_add(b, &r);
	f->a_end = blobs_simple(b, V_RETURN);
	f->bb = f->b_rule = blobs_user(b, "B");
	blobs_add(b, &r);
	f->b_end = blobs_simple(b, V_RETURN);
	blobs_end(b);
}

static int verdict(struct fixture *f, uint32_t at, uint32_t to)
{
	blobs_verdict(f->b, at, (int32_t)to);
	return blobs_try(f->b, false, NULL);
}

static uint32_t reach(struct fixture *f, uint32_t at)
{
	return blobs_entry4(f->b, at)->comefrom;
}

static void marks(void **state)
{
	struct fixture f;
	const uint32_t in = 1u << XTBPF_INPUT, out = 1u << XTBPF_OUTPUT;

	make(&f);
	blobs_entry4(f.b, f.a)->counters.bcnt = 9;
	assert_int_equal(verdict(&f, f.in[0], f.a), 0);
	assert_int_equal(reach(&f, f.a), in);
	assert_int_equal(reach(&f, f.bb), 0);
	assert_int_equal(blobs_entry4(f.b, f.a)->counters.bcnt, 0);
	assert_int_equal(verdict(&f, f.a_rule, f.bb), 0);
	assert_int_equal(reach(&f, f.bb), in);
	assert_int_equal(verdict(&f, f.out, f.bb), 0);
	assert_int_equal(reach(&f, f.bb), in | out);
	assert_int_equal(reach(&f, f.a), in);
	assert_int_equal(reach(&f, f.in[2]), in);
	assert_int_equal(verdict(&f, f.in[1], f.bb), 0); /* a diamond is no loop */
	blobs_free(f.b);
}

static void loops(void **state)
{
	struct fixture f;
	struct xtbpf_reason why;

	make(&f);
	assert_int_equal(verdict(&f, f.in[1], f.in[1]), -ELOOP);
	assert_int_equal(verdict(&f, f.in[1], f.in[2]), 0);
	assert_int_equal(verdict(&f, f.in[0], f.a), 0);
	assert_int_equal(verdict(&f, f.a_rule, f.a), -ELOOP);
	assert_int_equal(verdict(&f, f.a_rule, f.bb), 0);
	assert_int_equal(verdict(&f, f.b_rule, f.a), -ELOOP);
	assert_int_equal(blobs_try(f.b, true, &why), -ELOOP);
	assert_false(why.ours);
	assert_string_equal(why.chain, "A");
	assert_int_equal(why.rule, 1);
	assert_int_equal(blobs_entry4(f.b, f.a)->counters.pcnt, 0);
	blobs_entry4(f.b, f.b_rule)->ip.flags = IPT_F_GOTO;
	assert_int_equal(blobs_try(f.b, false, NULL), -ELOOP);
	blobs_free(f.b);
}

static void unreachable_loops_pass(void **state)
{
	struct fixture f;

	make(&f);
	assert_int_equal(verdict(&f, f.a_rule, f.a), 0);
	assert_int_equal(verdict(&f, f.b_rule, 12345), 0);
	blobs_free(f.b);
}

static void astray(void **state)
{
	struct fixture f;

	make(&f);
	assert_int_equal(verdict(&f, f.in[0], f.a + 8), -ELOOP);
	assert_int_equal(verdict(&f, f.in[0], 1), -ELOOP);
	assert_int_equal(verdict(&f, f.in[0], f.b->blob.size), -ELOOP);
	assert_int_equal(verdict(&f, f.in[0], 0x7fffffff), -ELOOP);
	/* the last ERROR entry: what is behind it is the end of the blob */
	assert_int_equal(verdict(&f, f.in[0], f.b->blob.size - 176), -ELOOP);
	blobs_free(f.b);
}

static void falling_off(void **state)
{
	struct fixture f;

	make(&f);
	assert_int_equal(verdict(&f, f.in[0], f.bb), 0);
	blobs_entry4(f.b, f.b_end)->ip.proto = 17; /* B can now be left at its end */
	assert_int_equal(blobs_try(f.b, false, NULL), -ELOOP);
	blobs_free(f.b);
}

/* Into a built-in chain, and onto a chain's head: odd, but no loop. */
static void odd_jumps_pass(void **state)
{
	struct fixture f;

	make(&f);
	assert_int_equal(verdict(&f, f.in[0], f.out), 0);
	assert_int_equal(verdict(&f, f.in[0], f.a - 176), 0);
	assert_int_equal(verdict(&f, f.in[0], f.a_end), 0);
	blobs_free(f.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks),
		cmocka_unit_test(loops),
		cmocka_unit_test(unreachable_loops_pass),
		cmocka_unit_test(astray),
		cmocka_unit_test(falling_off),
		cmocka_unit_test(odd_jumps_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
