// SPDX-License-Identifier: GPL-2.0-only
/* The evaluator: how a packet goes through a table (ipt_do_table, ip6t_do_table). */
#include "unit.h"

#include "blobs.h"

#include <linux/in6.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HITS 16

/* The verdict and the entries counted, -1 terminated, of a packet in INPUT. */
static void expect(struct blobs *b, const uint8_t *l3, uint32_t len, const char *in,
		   enum xtbpf_verdict verdict, const int *hits)
{
	struct xtbpf_packet pkt = { .len = len };
	uint32_t got[MAX_HITS];
	struct xtbpf_path path = { got, 0, MAX_HITS };
	struct xtbpf_ruleset *rs = NULL;
	uint8_t *exact = malloc(len + 1);
	unsigned int i;

	assert_non_null(exact);
	memcpy(exact + 1, l3, len); /* an odd address */
	pkt.l3 = exact + 1;
	snprintf(pkt.in, sizeof(pkt.in), "%s", in);
	assert_int_equal(xtbpf_ruleset_new(&b->blob, false, &rs, NULL), 0);
	assert_int_equal(xtbpf_eval(rs, XTBPF_INPUT, &pkt, &path), verdict);
	for (i = 0; hits[i] >= 0; i++)
		assert_int_equal(got[i], hits[i]);
	assert_int_equal(path.nhits, i);
	assert_int_equal(xtbpf_eval(rs, XTBPF_INPUT, &pkt, NULL), verdict);
	xtbpf_ruleset_free(rs);
	free(exact);
}

#define HITS(...) ((const int[]){ __VA_ARGS__, -1 })
#define NO_HITS ((const int[]){ -1 })

/* 10.0.0.1 -> 10.0.0.2, UDP 1 -> 2 */
static const uint8_t udp[28] = { 0x45, 0, 0,  28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0,
				 0,    1, 10, 0,  0, 2, 0, 1, 0,  2,  0, 8, 0,	0 };

/*
 * INPUT: 0 jump A, 1 count, 2 policy; 3 FORWARD; 4 OUTPUT;
 * A (head 5): 6 goto/jump B, 7 count, 8 return; B (head 9): 10 last, 11 return
 */
static struct blobs *nested(bool is_goto, int32_t last)
{
	struct blobs *b = blobs_new(XTBPF_IPV4, XTBPF_FILTER);
	uint32_t jump, jump_b, to;

	blobs_hook(b, XTBPF_INPUT);
	jump = blobs_simple(b, V_DROP);
	blobs_simple(b, V_NEXT);
	blobs_policy(b, XTBPF_INPUT, V_DROP);
	blobs_hook(b, XTBPF_FORWARD);
	blobs_policy(b, XTBPF_FORWARD, V_ACCEPT);
	blobs_hook(b, XTBPF_OUTPUT);
	blobs_policy(b, XTBPF_OUTPUT, V_ACCEPT);
	to = blobs_user(b, "A");
	blobs_verdict(b, jump, (int32_t)to);
	jump_b = blobs_simple(b, V_DROP);
	blobs_entry4(b, jump_b)->ip.flags = is_goto ? IPT_F_GOTO : 0;
	blobs_simple(b, V_NEXT);
	blobs_simple(b, V_RETURN);
	to = blobs_user(b, "B");
	blobs_verdict(b, jump_b, (int32_t)to);
	blobs_simple(b, last);
	blobs_simple(b, V_RETURN);
	blobs_end(b);
	return b;
}

static void jumps_and_returns(void **state)
{
	struct blobs *b = nested(false, V_NEXT);

	expect(b, udp, sizeof(udp), "", XTBPF_DROP, HITS(0, 6, 10, 11, 7, 8, 1, 2));
	blobs_free(b);
	b = nested(false, V_RETURN);
	expect(b, udp, sizeof(udp), "", XTBPF_DROP, HITS(0, 6, 10, 7, 8, 1, 2));
	blobs_free(b);
	b = nested(false, V_ACCEPT);
	expect(b, udp, sizeof(udp), "", XTBPF_ACCEPT, HITS(0, 6, 10));
	blobs_free(b);
}

static void goto_comes_back_to_the_caller(void **state)
{
	struct blobs *b = nested(true, V_NEXT);

	expect(b, udp, sizeof(udp), "", XTBPF_DROP, HITS(0, 6, 10, 11, 1, 2));
	/* goto from the built-in chain: back to the policy */
	blobs_entry4(b, 0)->ip.flags = IPT_F_GOTO;
	expect(b, udp, sizeof(udp), "", XTBPF_DROP, HITS(0, 6, 10, 11, 2));
	blobs_free(b);
}

static void return_counts_the_policy(void **state)
{
	const struct rule r = rule_proto(17, V_RETURN);
	struct blobs *b = blobs_filter(XTBPF_IPV4, &r, 1);

	expect(b, udp, sizeof(udp), "", XTBPF_ACCEPT, HITS(0, 1));
	blobs_free(b);
}

/* An ERROR entry that is met drops (ipt_error), after it has counted. */
static void error_drops(void **state)
{
	struct blobs *b = nested(false, V_NEXT);

	blobs_verdict(b, 0, (int32_t)b->blob.underflow[XTBPF_OUTPUT] + 152); /* head of A */
	expect(b, udp, sizeof(udp), "", XTBPF_DROP, HITS(0, 5));
	blobs_free(b);
}

/* More jumps in a row than there are ERROR entries: drop. */
static void jump_stack_overflow(void **state)
{
	struct blobs *b = blobs_new(XTBPF_IPV4, XTBPF_FILTER);
	uint32_t at[3];

	blobs_hook(b, XTBPF_INPUT);
	at[0] = blobs_simple(b, V_DROP);
	blobs_simple(b, V_DROP);
	at[1] = blobs_simple(b, V_DROP);
	blobs_simple(b, V_DROP);
	at[2] = blobs_policy(b, XTBPF_INPUT, V_ACCEPT);
	blobs_hook(b, XTBPF_FORWARD);
	blobs_policy(b, XTBPF_FORWARD, V_ACCEPT);
	blobs_hook(b, XTBPF_OUTPUT);
	blobs_policy(b, XTBPF_OUTPUT, V_ACCEPT);
	blobs_verdict(b, at[0], (int32_t)at[1]); /* no ERROR entry: no room at all */
	blobs_verdict(b, at[1], (int32_t)at[2]);
	expect(b, udp, sizeof(udp), "", XTBPF_DROP, HITS(0));
	blobs_user(b, "A"); /* room for one */
	expect(b, udp, sizeof(udp), "", XTBPF_DROP, HITS(0, 2));
	blobs_user(b, "B");
	expect(b, udp, sizeof(udp), "", XTBPF_ACCEPT, HITS(0, 2, 4));
	blobs_free(b);
}

static void hotdrop_counts_nothing(void **state)
{
	static const struct xt_udp any = { .spts = { 0, 65535 }, .dpts = { 0, 65535 } };
	struct rule rules[3] = { rule_proto(17, V_NEXT), rule_proto(17, V_ACCEPT),
				 rule_proto(0, V_ACCEPT) };
	struct blobs *b;

	rule_match(&rules[1], "udp", 0, &any, sizeof(any));
	b = blobs_filter(XTBPF_IPV4, rules, 3);
	expect(b, udp, 27, "", XTBPF_DROP, HITS(0));
	expect(b, udp, 28, "", XTBPF_ACCEPT, HITS(0, 1));
	expect(b, udp, 19, "", XTBPF_DROP, NO_HITS); /* no IP header */
	blobs_free(b);
}

static void interfaces(void **state)
{
	struct rule r = rule_proto(0, V_DROP);
	struct blobs *b;

	memcpy(r.ip4.iniface, "eth1", 4);
	memset(r.ip4.iniface_mask, 0xff, 4); /* eth1+ */
	b = blobs_filter(XTBPF_IPV4, &r, 1);
	expect(b, udp, 28, "eth1", XTBPF_DROP, HITS(0));
	expect(b, udp, 28, "eth10", XTBPF_DROP, HITS(0));
	expect(b, udp, 28, "eth", XTBPF_ACCEPT, HITS(1));
	expect(b, udp, 28, "", XTBPF_ACCEPT, HITS(1));
	blobs_entry4(b, 0)->ip.iniface_mask[4] = 0xff; /* eth1 */
	expect(b, udp, 28, "eth1", XTBPF_DROP, HITS(0));
	expect(b, udp, 28, "eth10", XTBPF_ACCEPT, HITS(1));
	blobs_entry4(b, 0)->ip.invflags = IPT_INV_VIA_IN;
	expect(b, udp, 28, "eth10", XTBPF_DROP, HITS(0));
	blobs_free(b);
}

static void fragments4(void **state)
{
	struct rule r = rule_proto(0, V_DROP);
	uint8_t frag[28];
	struct blobs *b;

	memcpy(frag, udp, sizeof(frag));
	frag[7] = 2;
	r.ip4.flags = IPT_F_FRAG;
	b = blobs_filter(XTBPF_IPV4, &r, 1);
	expect(b, udp, 28, "", XTBPF_ACCEPT, HITS(1));
	expect(b, frag, 28, "", XTBPF_DROP, HITS(0));
	blobs_entry4(b, 0)->ip.invflags = IPT_INV_FRAG;
	expect(b, udp, 28, "", XTBPF_DROP, HITS(0));
	expect(b, frag, 28, "", XTBPF_ACCEPT, HITS(1));
	blobs_entry4(b, 0)->ip.flags = 0; /* the inversion of a question not asked: never */
	expect(b, udp, 28, "", XTBPF_ACCEPT, HITS(1));
	blobs_free(b);
}

/* IPv6 with an extension header of a kind, naming next, 8 bytes, then 8 more. */
static void with_header(uint8_t out[56], uint8_t kind, uint8_t next, uint16_t frag)
{
	memset(out, 0, 56);
	out[0] = 0x60;
	out[6] = kind;
	out[40] = next;
	out[42] = (uint8_t)(frag >> 8);
	out[43] = (uint8_t)frag;
}

static void headers6(void **state)
{
	const struct rule r = rule_proto(17, V_DROP);
	struct blobs *b = blobs_filter(XTBPF_IPV6, &r, 1);
	uint8_t pkt[56];

	with_header(pkt, 17, 0, 0);
	expect(b, pkt, 56, "", XTBPF_DROP, HITS(0));
	with_header(pkt, IPPROTO_DSTOPTS, 17, 0);
	expect(b, pkt, 56, "", XTBPF_DROP, HITS(0));
	expect(b, pkt, 41, "", XTBPF_DROP, NO_HITS); /* cut: hotdrop */
	expect(b, pkt, 42, "", XTBPF_DROP, HITS(0)); /* its first two bytes are enough */
	with_header(pkt, IPPROTO_ROUTING, 17, 0);
	expect(b, pkt, 43, "", XTBPF_DROP, NO_HITS); /* here four are needed */
	expect(b, pkt, 44, "", XTBPF_DROP, HITS(0));
	with_header(pkt, IPPROTO_AH, 17, 0);
	expect(b, pkt, 56, "", XTBPF_DROP, HITS(0));
	with_header(pkt, 50, 17, 0); /* ESP is the end of the way */
	expect(b, pkt, 56, "", XTBPF_ACCEPT, HITS(1));
	with_header(pkt, IPPROTO_NONE, 17, 0);
	expect(b, pkt, 56, "", XTBPF_ACCEPT, HITS(1));
	with_header(pkt, IPPROTO_FRAGMENT, 17, 8);
	expect(b, pkt, 56, "", XTBPF_DROP, HITS(0));
	with_header(pkt, IPPROTO_FRAGMENT, IPPROTO_DSTOPTS, 8); /* ENOENT, no offset: hotdrop */
	expect(b, pkt, 56, "", XTBPF_DROP, NO_HITS);
	with_header(pkt, IPPROTO_FRAGMENT, IPPROTO_DSTOPTS, 0);
	expect(b, pkt, 56, "", XTBPF_DROP, NO_HITS); /* the next hop-by-hop header is not there */
	pkt[48] = 6;
	expect(b, pkt, 56, "", XTBPF_ACCEPT, HITS(1));
	blobs_free(b);
}

/* Without -p the header is not looked for, so nothing can be wrong with it. */
static void no_protocol6(void **state)
{
	const struct rule r = rule_proto(0, V_DROP);
	struct blobs *b = blobs_filter(XTBPF_IPV6, &r, 1);
	uint8_t pkt[56];

	with_header(pkt, IPPROTO_DSTOPTS, 17, 0);
	expect(b, pkt, 41, "", XTBPF_DROP, HITS(0));
	blobs_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jumps_and_returns),
		cmocka_unit_test(goto_comes_back_to_the_caller),
		cmocka_unit_test(return_counts_the_policy),
		cmocka_unit_test(error_drops),
		cmocka_unit_test(jump_stack_overflow),
		cmocka_unit_test(hotdrop_counts_nothing),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(fragments4),
		cmocka_unit_test(headers6),
		cmocka_unit_test(no_protocol6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
