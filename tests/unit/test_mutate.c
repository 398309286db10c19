// SPDX-License-Identifier: GPL-2.0-only
/*
 * Valid blobs with a few bytes changed: whatever comes of it, no bad read, no
 * endless loop, and what passes can be evaluated. For ASan and UBSan.
 */
#include "unit.h"

#include "interp.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 20000

static void damage(struct rnd *r, struct blobs *b)
{
	static const uint8_t odd[] = { 0, 1, 2, 4, 8, 0x7f, 0x80, 0xfb, 0xfe, 0xff };
	uint8_t *bytes = b->blob.entries;
	unsigned int n;

	for (n = 1 + rnd_below(r, 3); n; n--) {
		uint32_t at = rnd_below(r, b->blob.size);

		/* sizes, offsets and verdicts start where 8 divides, mostly */
		if (rnd_one_in(r, 2))
			at = at / 8 * 8;
		if (rnd_one_in(r, 3))
			bytes[at] = (uint8_t)rnd_below(r, 256);
		else
			bytes[at] = odd[rnd_below(r, sizeof(odd))];
	}
	if (rnd_one_in(r, 10))
		b->blob.size -= rnd_below(r, b->blob.size);
	if (rnd_one_in(r, 10))
		b->blob.hook_entry[rnd_below(r, XTBPF_NHOOK)] = rnd_below(r, b->blob.size + 8);
	if (rnd_one_in(r, 10))
		b->blob.underflow[rnd_below(r, XTBPF_NHOOK)] = rnd_below(r, b->blob.size + 8);
	if (rnd_one_in(r, 20))
		b->blob.valid_hooks = rnd_below(r, 256);
}

/* The blob in memory exactly as long as it says. */
static void shrink(struct blobs *b)
{
	void *p = malloc(b->blob.size ? b->blob.size : 1);

	assert_non_null(p);
	memcpy(p, b->blob.entries, b->blob.size);
	free(b->blob.entries);
	b->blob.entries = p;
}

static void use(struct rnd *r, const struct xtbpf_ruleset *rs)
{
	uint32_t hits[8];
	uint8_t buf[RND_PACKET_MAX];
	struct xtbpf_packet pkt;
	unsigned int h;

	rnd_packet(r, rs->family, buf, &pkt);
	for (h = 0; h < XTBPF_NHOOK; h++) {
		struct xtbpf_path path = { hits, 0, 8 };

		xtbpf_eval(rs, h, &pkt, &path);
		if (rs->lowered && rs->base[h] >= 0) {
			struct xtbpf_path same = { hits, 0, 8 };
			struct xtbpf_key key;

			interp_key(rs->family, &pkt, &key);
			interp(rs, h, &key, &same);
			assert_int_equal(same.nhits, path.nhits);
		}
	}
}

static void mutate(enum xtbpf_family family)
{
	unsigned int i, passed = 0, lowered = 0;
	struct rnd r = { .state = 42 + family };

	for (i = 0; i < ROUNDS; i++) {
		struct blobs *b = rnd_ruleset(&r, family);
		struct xtbpf_ruleset *rs = NULL;
		struct xtbpf_reason why;

		damage(&r, b);
		shrink(b);
		if (xtbpf_ruleset_new(&b->blob, i % 2, &rs, &why) == 0) {
			use(&r, rs);
			passed++;
			lowered += rs->lowered;
		}
		xtbpf_ruleset_free(rs);
		blobs_free(b);
	}
	/* else this tests nothing */
	assert_in_range(passed, ROUNDS / 20, ROUNDS);
	assert_in_range(lowered, ROUNDS / 50, ROUNDS);
}

static void ipv4(void **state)
{
	mutate(XTBPF_IPV4);
}

static void ipv6(void **state)
{
	mutate(XTBPF_IPV6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
