// SPDX-License-Identifier: GPL-2.0-only
/* Evaluator (raw rules, raw packets) against lowered rules on keys, at random. */
#include "unit.h"

#include "interp.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULESETS 1500
#define PACKETS 100
#define HITS 256

static void compare(const struct xtbpf_ruleset *rs, enum xtbpf_hook hook,
		    const struct xtbpf_packet *pkt, uint64_t seed)
{
	uint32_t h1[HITS], h2[HITS];
	struct xtbpf_path p1 = { h1, 0, HITS }, p2 = { h2, 0, HITS };
	struct xtbpf_key key;
	enum xtbpf_verdict v1, v2;

	interp_key(rs->family, pkt, &key);
	v1 = xtbpf_eval(rs, hook, pkt, &p1);
	v2 = interp(rs, hook, &key, &p2);
	if (v1 != v2 || p1.nhits != p2.nhits || memcmp(h1, h2, p1.nhits * sizeof(h1[0])) != 0)
		print_error("seed %llu: verdicts %d %d, %u and %u hits\n", (unsigned long long)seed,
			    v1, v2, p1.nhits, p2.nhits);
	assert_int_equal(v1, v2);
	assert_int_equal(p1.nhits, p2.nhits);
	assert_memory_equal(h1, h2, p1.nhits * sizeof(h1[0]));
}

static void agree(enum xtbpf_family family)
{
	const char *env = getenv("XTBPF_SEED");
	uint64_t first = env ? strtoull(env, NULL, 0) : 1, seed;
	unsigned int i, hits = 0;

	for (seed = first; seed < first + RULESETS; seed++) {
		struct rnd r = { .state = seed, .stateful = true };
		struct blobs *b = rnd_ruleset(&r, family);
		struct xtbpf_ruleset *rs = NULL;
		struct xtbpf_reason why;
		int err = xtbpf_ruleset_new(&b->blob, true, &rs, &why);

		if (err)
			print_error("seed %llu: %s %u: %s\n", (unsigned long long)seed, why.chain,
				    why.rule, why.text);
		assert_int_equal(err, 0);
		for (i = 0; i < PACKETS; i++) {
			uint8_t buf[RND_PACKET_MAX], *exact;
			struct xtbpf_packet pkt;

			rnd_packet(&r, family, buf, &pkt);
			exact = malloc(pkt.len); /* for ASan to see reads beyond */
			assert_non_null(exact);
			memcpy(exact, buf, pkt.len);
			pkt.l3 = exact;
			compare(rs, XTBPF_INPUT + rnd_below(&r, 3), &pkt, seed);
			free(exact);
			hits++;
		}
		xtbpf_ruleset_free(rs);
		blobs_free(b);
	}
	assert_true(hits >= RULESETS * PACKETS);
}

static void ipv4(void **state)
{
	agree(XTBPF_IPV4);
}

static void ipv6(void **state)
{
	agree(XTBPF_IPV6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
