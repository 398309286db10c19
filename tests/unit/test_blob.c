// SPDX-License-Identifier: GPL-2.0-only
/* SET_REPLACE steps 9 to 14b: one broken blob a check, each with the kernel's errno. */
#include "unit.h"

#include "blobs.h"

#include <errno.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

static const struct xt_comment_info comment = { "hello" };

/* A filter table with one rule with two matches at offset 0. */
static struct blobs *sample(enum xtbpf_family family)
{
	struct rule r = rule_proto(0, V_DROP);

	rule_match(&r, "comment", 0, &comment, sizeof(comment));
	rule_match(&r, "comment", 0, &comment, sizeof(comment));
	return blobs_filter(family, &r, 1);
}

static struct xt_entry_match *first_match(struct blobs *b)
{
	if (b->blob.family == XTBPF_IPV6)
		return (void *)blobs_entry6(b, 0)->elems;
	return (void *)blobs_entry4(b, 0)->elems;
}

/* One way to break sample(). */
struct damage {
	const char *what;
	void (*apply)(struct blobs *b);
	int err;
};

static uint16_t *next_offset(struct blobs *b, uint32_t at)
{
	return b->blob.family == XTBPF_IPV6 ? &blobs_entry6(b, at)->next_offset
					    : &blobs_entry4(b, at)->next_offset;
}

static uint16_t *target_offset(struct blobs *b, uint32_t at)
{
	return b->blob.family == XTBPF_IPV6 ? &blobs_entry6(b, at)->target_offset
					    : &blobs_entry4(b, at)->target_offset;
}

static uint32_t policy(struct blobs *b)
{
	return b->blob.underflow[XTBPF_INPUT];
}

static void nothing(struct blobs *b)
{
}
static void short_size(struct blobs *b)
{
	b->blob.size -= 8;
}
static void tiny_size(struct blobs *b)
{
	b->blob.size = 8;
}
static void no_size(struct blobs *b)
{
	b->blob.size = 0;
}
static void next_zero(struct blobs *b)
{
	*next_offset(b, 0) = 0;
}
static void next_small(struct blobs *b)
{
	*next_offset(b, 0) = 136;
}
static void next_odd(struct blobs *b)
{
	*next_offset(b, 0) += 4;
}
static void next_far(struct blobs *b)
{
	*next_offset(b, 0) = 0xfff8;
}
static void bad_flags(struct blobs *b)
{
	blobs_entry4(b, 0)->ip.flags = 0x04;
	blobs_entry6(b, 0)->ipv6.flags = 0x08;
}
static void bad_inversion(struct blobs *b)
{
	blobs_entry4(b, 0)->ip.invflags = 0x80;
	blobs_entry6(b, 0)->ipv6.invflags = 0x80;
}
static void target_in_head(struct blobs *b)
{
	*target_offset(b, 0) = 104;
}
static void target_beyond(struct blobs *b)
{
	*target_offset(b, 0) = *next_offset(b, 0) - 24;
}
static void target_small(struct blobs *b)
{
	blobs_target(b, 0)->target.u.user.target_size = 31;
}
static void target_big(struct blobs *b)
{
	blobs_target(b, 0)->target.u.user.target_size = 48;
}
static void standard_size(struct blobs *b)
{
	*next_offset(b, 0) += *next_offset(b, policy(b));
	b->blob.num_entries--;
}
static void verdict_zero(struct blobs *b)
{
	blobs_verdict(b, 0, 0);
}
static void verdict_stolen(struct blobs *b)
{
	blobs_verdict(b, 0, -3);
}
static void verdict_repeat(struct blobs *b)
{
	blobs_verdict(b, 0, -6);
}
static void verdict_min(struct blobs *b)
{
	blobs_verdict(b, 0, INT32_MIN);
}
static void match_small(struct blobs *b)
{
	first_match(b)->u.user.match_size = 31;
}
static void match_zero(struct blobs *b)
{
	first_match(b)->u.user.match_size = 0;
}
static void match_odd(struct blobs *b)
{
	first_match(b)->u.user.match_size -= 4;
}
static void match_big(struct blobs *b)
{
	first_match(b)->u.user.match_size = 600;
}
static void match_leaves_crumbs(struct blobs *b)
{
	first_match(b)->u.user.match_size = 2 * 288 - 8;
}
static void policy_conditional(struct blobs *b)
{
	blobs_entry4(b, policy(b))->ip.src.s_addr = 1;
}
static void policy_return(struct blobs *b)
{
	blobs_verdict(b, policy(b), V_RETURN);
}
static void policy_queue(struct blobs *b)
{
	blobs_verdict(b, policy(b), V_QUEUE);
}
static void policy_error(struct blobs *b)
{
	b->blob.underflow[XTBPF_OUTPUT] = b->blob.size - sizeof(struct xt_error_target) -
					  (b->blob.family == XTBPF_IPV6 ? 168 : 112);
}
static void policy_has_matches(struct blobs *b)
{
	b->blob.underflow[XTBPF_INPUT] = 0;
}
static void fewer_entries(struct blobs *b)
{
	b->blob.num_entries--;
}
static void more_entries(struct blobs *b)
{
	b->blob.num_entries = UINT32_MAX;
}
static void hook_astray(struct blobs *b)
{
	b->blob.hook_entry[XTBPF_OUTPUT] += 8;
}
static void hook_outside(struct blobs *b)
{
	b->blob.hook_entry[XTBPF_OUTPUT] = 0x7ffffff8;
}
static void hook_none(struct blobs *b)
{
	b->blob.hook_entry[XTBPF_OUTPUT] = XTBPF_NO_HOOK;
}
static void underflow_none(struct blobs *b)
{
	b->blob.underflow[XTBPF_OUTPUT] = XTBPF_NO_HOOK;
}
static void hooks_equal(struct blobs *b)
{
	b->blob.hook_entry[XTBPF_OUTPUT] = b->blob.hook_entry[XTBPF_FORWARD];
}
static void hooks_unsorted(struct blobs *b)
{
	b->blob.hook_entry[XTBPF_OUTPUT] = b->blob.hook_entry[XTBPF_INPUT];
}
static void underflows_equal(struct blobs *b)
{
	b->blob.underflow[XTBPF_OUTPUT] = b->blob.underflow[XTBPF_FORWARD];
}
static void underflows_unsorted(struct blobs *b)
{
	b->blob.underflow[XTBPF_OUTPUT] = b->blob.underflow[XTBPF_INPUT];
}
static void unused_hook_is_rubbish(struct blobs *b)
{
	b->blob.hook_entry[XTBPF_PREROUTING] = 12345;
	b->blob.underflow[XTBPF_POSTROUTING] = 3;
}
static void rubbish_in_unread_fields(struct blobs *b)
{
	blobs_entry4(b, 0)->nfcache = 0xdeadbeef;
	blobs_entry4(b, 0)->comefrom = 0xffffffff;
	blobs_entry4(b, 0)->counters.pcnt = 77;
}

static const struct damage both[] = {
	{ "nothing", nothing, 0 },
	{ "size short by 8", short_size, -EINVAL },
	{ "size 8", tiny_size, -EINVAL },
	{ "size 0", no_size, -EINVAL },
	{ "next offset 0", next_zero, -EINVAL },
	{ "next offset too small", next_small, -EINVAL },
	{ "next offset odd", next_odd, -EINVAL },
	{ "next offset far away", next_far, -EINVAL },
	{ "unknown flags", bad_flags, -EINVAL },
	{ "unknown inversions", bad_inversion, -EINVAL },
	{ "target in the head", target_in_head, -EINVAL },
	{ "target beyond the entry", target_beyond, -EINVAL },
	{ "target size 31", target_small, -EINVAL },
	{ "target size 48", target_big, -EINVAL },
	{ "room behind a standard target", standard_size, -EINVAL },
	{ "verdict 0", verdict_zero, -EINVAL },
	{ "verdict STOLEN", verdict_stolen, -EINVAL },
	{ "verdict -6", verdict_repeat, -EINVAL },
	{ "verdict INT_MIN", verdict_min, -EINVAL },
	{ "match size 31", match_small, -EINVAL },
	{ "match size 0", match_zero, -EINVAL },
	{ "match size odd", match_odd, -EINVAL },
	{ "match size too big", match_big, -EINVAL },
	{ "8 bytes left behind the match", match_leaves_crumbs, -EINVAL },
	{ "policy with a source", policy_conditional, -EINVAL },
	{ "policy RETURN", policy_return, -EINVAL },
	{ "policy QUEUE", policy_queue, -EINVAL },
	{ "policy ERROR", policy_error, -EINVAL },
	{ "policy with matches", policy_has_matches, -EINVAL },
	{ "one entry more than announced", fewer_entries, -EINVAL },
	{ "4 billion entries announced", more_entries, -EINVAL },
	{ "hook between entries", hook_astray, -EINVAL },
	{ "hook outside", hook_outside, -EINVAL },
	{ "hook nowhere", hook_none, -EINVAL },
	{ "underflow nowhere", underflow_none, -EINVAL },
	{ "two hooks, one entry", hooks_equal, -EINVAL },
	{ "hooks out of order", hooks_unsorted, -EINVAL },
	{ "two hooks, one policy", underflows_equal, -EINVAL },
	{ "policies out of order", underflows_unsorted, -EINVAL },
	{ "rubbish for unused hooks", unused_hook_is_rubbish, 0 },
};

static const struct damage only4[] = {
	{ "rubbish in fields that are not read", rubbish_in_unread_fields, 0 },
};

static void try_all(enum xtbpf_family family, const struct damage *d, size_t n)
{
	struct xtbpf_reason why;
	size_t i;

	for (i = 0; i < n; i++) {
		struct blobs *b = sample(family);
		int err;

		memset(&why, 0, sizeof(why));
		d[i].apply(b);
		err = blobs_try(b, false, &why);
		if (err != d[i].err)
			print_error("%s: %d (%s)\n", d[i].what, err, why.text);
		assert_int_equal(err, d[i].err);
		assert_int_equal(why.err, -err);
		assert_false(why.ours);
		if (err) {
			assert_string_equal(why.table, "filter");
			assert_true(why.text[0]);
		}
		blobs_free(b);
	}
}

static void malformed4(void **state)
{
	try_all(XTBPF_IPV4, both, sizeof(both) / sizeof(both[0]));
	try_all(XTBPF_IPV4, only4, sizeof(only4) / sizeof(only4[0]));
}

static void malformed6(void **state)
{
	try_all(XTBPF_IPV6, both, sizeof(both) / sizeof(both[0]));
}

/* ERROR targets: 64 bytes, and a text that ends within 30. */
static void error_targets(void **state)
{
	struct blobs *b = sample(XTBPF_IPV4);
	uint32_t head = b->blob.size - sizeof(struct ipt_entry) - sizeof(struct xt_error_target);
	struct xt_error_target *t = (void *)blobs_target(b, head);

	memset(t->errorname, 'x', sizeof(t->errorname));
	assert_int_equal(blobs_try(b, false, NULL), -EINVAL);
	t->errorname[XT_FUNCTION_MAXNAMELEN - 1] = 0;
	assert_int_equal(blobs_try(b, false, NULL), 0);
	t->target.u.user.target_size = 56;
	assert_int_equal(blobs_try(b, false, NULL), -EINVAL);
	blobs_free(b);
}

/* The order of checks shows where several are violated at once. */
static void reason_names_the_entry(void **state)
{
	struct blobs *b = sample(XTBPF_IPV4);
	struct xtbpf_reason why;

	target_beyond(b);
	assert_int_equal(blobs_try(b, true, &why), -EINVAL);
	assert_int_equal(why.entry, 0);
	assert_string_equal(why.chain, "");
	assert_string_equal(why.text, "entry at offset 0: target offset beyond the entry");
	blobs_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed4),
		cmocka_unit_test(malformed6),
		cmocka_unit_test(error_targets),
		cmocka_unit_test(reason_names_the_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
