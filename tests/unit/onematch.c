// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "interp.h"
#include "onematch.h"

#include <stdlib.h>
#include <string.h>

int onematch_check(enum xtbpf_family family, uint16_t proto, const char *name, uint8_t revision,
		   const void *data, uint16_t size)
{
	struct rule r = rule_proto(proto, V_DROP);
	struct blobs *b;
	int err;

	rule_match(&r, name, revision, data, size);
	b = blobs_filter(family, &r, 1);
	err = blobs_try(b, true, NULL);
	blobs_free(b);
	return err;
}

static uint32_t put_header(enum xtbpf_family family, uint8_t *at, uint8_t proto, uint16_t frag)
{
	if (family == XTBPF_IPV4) {
		at[0] = 0x45;
		at[6] = (uint8_t)(frag >> 8);
		at[7] = (uint8_t)frag;
		at[9] = proto;
		return 20;
	}
	at[0] = 0x60;
	at[6] = proto;
	if (!frag)
		return 40;
	at[6] = 44;
	at[40] = proto;
	at[42] = (uint8_t)(frag >> 5);
	at[43] = (uint8_t)(frag << 3);
	return 48;
}

/* Entry 0 is the rule, entry 1 the policy. */
static enum outcome outcome(enum xtbpf_verdict verdict, const struct xtbpf_path *path)
{
	if (path->nhits == 0) {
		assert_int_equal(verdict, XTBPF_DROP);
		return HOT;
	}
	assert_int_equal(path->nhits, 1);
	assert_int_equal(verdict, path->hits[0] == 0 ? XTBPF_DROP : XTBPF_ACCEPT);
	return path->hits[0] == 0 ? MATCH : MISS;
}

enum outcome onematch_ask(const struct xtbpf_ruleset *rs, const struct xtbpf_packet *pkt)
{
	uint32_t hits[4];
	struct xtbpf_path path = { hits, 0, 4 };
	struct xtbpf_key key;
	enum outcome raw, lowered;

	raw = outcome(xtbpf_eval(rs, XTBPF_INPUT, pkt, &path), &path);
	interp_key(rs->family, pkt, &key);
	lowered = outcome(interp(rs, XTBPF_INPUT, &key, &path), &path);
	assert_int_equal(raw, lowered);
	return raw;
}

enum outcome onematch_packet(enum xtbpf_family family, uint16_t proto, const struct match_spec *m,
			     const struct xtbpf_packet *pkt)
{
	struct rule r = rule_proto(proto, V_DROP);
	struct xtbpf_ruleset *rs = NULL;
	enum outcome out;
	struct blobs *b;

	rule_match(&r, m->name, m->revision, m->data, m->size);
	b = blobs_filter(family, &r, 1);
	assert_int_equal(xtbpf_ruleset_new(&b->blob, true, &rs, NULL), 0);
	out = onematch_ask(rs, pkt);
	xtbpf_ruleset_free(rs);
	blobs_free(b);
	return out;
}

enum outcome onematch(enum xtbpf_family family, uint16_t proto, const struct match_spec *m,
		      uint16_t frag, const uint8_t *l4, uint32_t l4len)
{
	struct xtbpf_packet pkt = { .in = "eth0" };
	uint8_t *bytes = calloc(1, 48);
	enum outcome out;

	assert_non_null(bytes);
	pkt.len = put_header(family, bytes, (uint8_t)proto, frag);
	bytes = realloc(bytes, pkt.len + l4len); /* as long as the packet, for ASan */
	assert_non_null(bytes);
	if (l4len)
		memcpy(bytes + pkt.len, l4, l4len);
	pkt.l3 = bytes;
	pkt.len += l4len;
	out = onematch_packet(family, proto, m, &pkt);
	free(bytes);
	return out;
}
