// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "ext6.h"

#include <stdlib.h>
#include <string.h>

static enum outcome ask(const struct match_spec *m, struct xtbpf_packet *pkt)
{
	struct rule r = rule_proto(0, V_DROP);
	struct xtbpf_ruleset *rs = NULL;
	enum outcome out;
	struct blobs *b;

	rule_match(&r, m->name, m->revision, m->data, m->size);
	b = blobs_filter(XTBPF_IPV6, &r, 1);
	assert_int_equal(xtbpf_ruleset_new(&b->blob, true, &rs, NULL), 0);
	out = onematch_ask(rs, pkt);
	xtbpf_ruleset_free(rs);
	blobs_free(b);
	return out;
}

enum outcome ext6(const struct match_spec *m, uint8_t next, const uint8_t *body, uint32_t len)
{
	struct xtbpf_packet pkt = { .in = "eth0", .len = 40 + len };
	uint8_t *bytes = calloc(1, 40 + len); /* as long as the packet, for ASan */
	enum outcome out;

	assert_non_null(bytes);
	bytes[0] = 0x60;
	bytes[6] = next;
	if (len)
		memcpy(bytes + 40, body, len);
	pkt.l3 = bytes;
	out = ask(m, &pkt);
	free(bytes);
	return out;
}

enum outcome ext6_frame(const struct match_spec *m, const uint8_t *mac, const uint8_t low[8])
{
	uint8_t bytes[40] = { 0x60, [6] = 59 };
	struct xtbpf_packet pkt = { .l3 = bytes, .len = sizeof(bytes), .in = "eth0" };

	memcpy(bytes + 16, low, 8);
	pkt.has_mac = mac != NULL;
	if (mac)
		memcpy(pkt.mac, mac, sizeof(pkt.mac));
	return ask(m, &pkt);
}
