// SPDX-License-Identifier: GPL-2.0-only
/* SET_REPLACE step 15 and GET_REVISION: names, revisions, sizes, protocols. */
#include "unit.h"

#include "blobs.h"

#include <errno.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <string.h>

static const struct xt_tcp any_tcp = { .spts = { 0, 65535 }, .dpts = { 0, 65535 } };

static int try(enum xtbpf_family family, const struct rule *r, struct xtbpf_reason *why)
{
	struct blobs *b = blobs_filter(family, r, 1);
	int err = blobs_try(b, false, why);

	blobs_free(b);
	return err;
}

static int try_match(uint16_t proto, const char *name, uint8_t revision, uint16_t size,
		     struct xtbpf_reason *why)
{
	static const uint8_t zero[256];
	struct rule r = rule_proto(proto, V_DROP);

	rule_match(&r, name, revision, zero, size);
	return try(XTBPF_IPV4, &r, why);
}

static void names(void **state)
{
	struct xtbpf_reason why;

	assert_int_equal(try_match(6, "tcp", 0, 12, &why), 0);
	assert_int_equal(try_match(6, "frobnicate", 0, 8, &why), -ENOENT);
	assert_true(why.ours);
	assert_string_equal(why.table, "filter");
	assert_string_equal(why.chain, "INPUT");
	assert_int_equal(why.rule, 1);
	assert_int_equal(why.entry, 0);
	assert_string_equal(why.extension, "frobnicate");
	assert_string_equal(why.text, "match frobnicate is not supported by xtbpf yet");
	/* 28 bytes are a name, 29 have no end */
	assert_int_equal(try_match(6, "abcdefghijklmnopqrstuvwxyz12", 0, 8, &why), -ENOENT);
	assert_int_equal(try_match(6, "abcdefghijklmnopqrstuvwxyz123", 0, 8, &why), -EINVAL);
	assert_false(why.ours);
}

static void revisions(void **state)
{
	struct xtbpf_reason why;

	assert_int_equal(try_match(6, "tcp", 1, 12, &why), -ENOENT);
	assert_false(why.ours);
	assert_int_equal(try_match(6, "multiport", 0, 48, &why), -ENOENT);
	/* in the list of all families */
	assert_int_equal(try_match(6, "comment", 1, 256, &why), -EPROTOTYPE);
	assert_false(why.ours);
	/* not ours: revision 1 is the kernel's, revision 0 is nobody's */
	assert_int_equal(try_match(6, "conntrack", 1, 256, &why), -ENOENT);
	assert_true(why.ours);
	assert_int_equal(try_match(6, "conntrack", 0, 256, &why), -EPROTOTYPE);
	assert_false(why.ours);
}

static void sizes(void **state)
{
	struct xtbpf_reason why;

	assert_int_equal(try_match(6, "tcp", 0, 16, &why), 0);
	assert_int_equal(try_match(6, "tcp", 0, 8, &why), -EINVAL);
	assert_int_equal(try_match(6, "tcp", 0, 24, &why), -EINVAL);
	assert_string_equal(why.text, "match tcp revision 0 has 24 bytes of data, not 16");
	assert_int_equal(try_match(0, "comment", 0, 248, &why), -EINVAL);
	assert_int_equal(try_match(1, "icmp", 0, 4, &why), 0);
}

static void protocols(void **state)
{
	struct rule r = rule_proto(6, V_DROP);

	assert_int_equal(try_match(17, "tcp", 0, 12, NULL), -EINVAL);
	assert_int_equal(try_match(0, "tcp", 0, 12, NULL), -EINVAL);
	assert_int_equal(try_match(262, "tcp", 0, 12, NULL), -EINVAL);
	assert_int_equal(try_match(17, "udp", 0, 10, NULL), 0);
	assert_int_equal(try_match(136, "udplite", 0, 10, NULL), 0);
	rule_match(&r, "tcp", 0, &any_tcp, sizeof(any_tcp));
	rule_invert(&r, XT_INV_PROTO);
	assert_int_equal(try(XTBPF_IPV4, &r, NULL), -EINVAL);
	assert_int_equal(try(XTBPF_IPV6, &r, NULL), -EINVAL);
	/* IPv6 looks at proto, not at whether it is evaluated */
	r.ip6.invflags = 0;
	r.ip6.flags = 0;
	assert_int_equal(try(XTBPF_IPV6, &r, NULL), 0);
}

static void families(void **state)
{
	static const uint8_t data[8];
	struct rule r = rule_proto(58, V_DROP);

	rule_match(&r, "icmp6", 0, data, 4);
	assert_int_equal(try(XTBPF_IPV6, &r, NULL), 0);
	assert_int_equal(try(XTBPF_IPV4, &r, NULL), -ENOENT);
}

static void targets(void **state)
{
	static const uint8_t data[32];
	struct rule r = { .target = "LOG", .target_size = 32, .target_data = data };
	struct xtbpf_reason why;
	struct blobs *b;

	assert_int_equal(try(XTBPF_IPV4, &r, &why), -ENOENT);
	assert_true(why.ours);
	assert_string_equal(why.extension, "LOG");
	r = rule_proto(0, V_DROP);
	r.revision = 1;
	assert_int_equal(try(XTBPF_IPV4, &r, &why), -ENOENT);
	assert_false(why.ours);
	/* a standard target may say 36 bytes in step 12, but not in step 15 */
	r.revision = 0;
	b = blobs_filter(XTBPF_IPV4, &r, 1);
	blobs_target(b, 0)->target.u.user.target_size = 36;
	assert_int_equal(blobs_try(b, false, NULL), -EINVAL);
	blobs_free(b);
}

/* Matches before the target, rules in order, reachable or not. */
static void first_to_blame(void **state)
{
	struct blobs *b = blobs_new(XTBPF_IPV4, XTBPF_FILTER);
	struct rule r = rule_proto(6, V_DROP);
	struct xtbpf_reason why;

	blobs_hook(b, XTBPF_INPUT);
	blobs_policy(b, XTBPF_INPUT, V_ACCEPT);
	blobs_hook(b, XTBPF_FORWARD);
	blobs_policy(b, XTBPF_FORWARD, V_ACCEPT);
	blobs_hook(b, XTBPF_OUTPUT);
	blobs_policy(b, XTBPF_OUTPUT, V_ACCEPT);
	blobs_user(b, "unused");
	blobs_simple(b, V_RETURN);
	rule_match(&r, "nomatch", 0, &any_tcp, 8);
	r.target = "NOTARGET";
	r.target_data = &any_tcp;
	r.target_size = 8;
	blobs_add(b, &r);
	blobs_simple(b, V_RETURN);
	blobs_end(b);
	assert_int_equal(blobs_try(b, true, &why), -ENOENT);
	assert_string_equal(why.extension, "nomatch");
	assert_string_equal(why.chain, "unused");
	assert_int_equal(why.rule, 2);
	assert_int_equal(why.entry, 5);
	blobs_free(b);
}

static void get_revision(void **state)
{
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "tcp", 0), 0);
	assert_int_equal(xtbpf_revision(XTBPF_IPV6, false, "tcp", 0), 0);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "tcp", 1), -EPROTONOSUPPORT);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "multiport", 1), 0);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "multiport", 0), -EPROTONOSUPPORT);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "comment", 0), 0);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "comment", 7), -EPROTONOSUPPORT);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "icmp6", 0), -ENOENT);
	assert_int_equal(xtbpf_revision(XTBPF_IPV6, false, "icmp", 0), -ENOENT);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, false, "nonesuch", 0), -ENOENT);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, true, "tcp", 0), -ENOENT);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, true, "", 0), 0);
	assert_int_equal(xtbpf_revision(XTBPF_IPV6, true, "ERROR", 0), 0);
	assert_int_equal(xtbpf_revision(XTBPF_IPV6, true, "ERROR", 1), -EPROTONOSUPPORT);
	/* what only the kernel has is answered as the kernel would (known.c) */
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, true, "LOG", 0), 0);
	assert_int_equal(xtbpf_revision(XTBPF_IPV4, true, "LOG", 7), -EPROTONOSUPPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),	  cmocka_unit_test(revisions),
		cmocka_unit_test(sizes),	  cmocka_unit_test(protocols),
		cmocka_unit_test(families),	  cmocka_unit_test(targets),
		cmocka_unit_test(first_to_blame), cmocka_unit_test(get_revision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
