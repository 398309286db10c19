// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text of rules for messages. The blobs here are broken on purpose: this code runs
 * for blobs that failed their checks. (tests/e2e/20-abi.sh compares good ones with
 * iptables-save.)
 */
#include "server_fixture.h"
#include "umh/ruletext.h"

static struct xtbpf_blob blob_of(struct replace *r)
{
	struct xtbpf_blob b = {
		.family = XTBPF_IPV4,
		.table = XTBPF_FILTER,
		.valid_hooks = r->head.valid_hooks,
		.num_entries = r->head.num_entries,
		.size = r->head.size,
		.entries = r->blob,
	};

	memcpy(b.hook_entry, r->head.hook_entry, sizeof(b.hook_entry));
	memcpy(b.underflow, r->head.underflow, sizeof(b.underflow));
	return b;
}

static void expect(struct replace *r, uint32_t entry, const char *want)
{
	struct xtbpf_blob b = blob_of(r);
	_cleanup_free_ char *text = xtbpf_rule_text(&b, entry);

	if (!want) {
		assert_null(text);
		return;
	}
	assert_non_null(text);
	assert_string_equal(text, want);
}

static struct ipt_entry *first_entry(struct state *s)
{
	return (struct ipt_entry *)(void *)s->r.blob;
}

static void test_address_forms(void **arg)
{
	struct state *s = *arg;
	struct ipt_ip *ip;

	build(s, XTBPF_FILTER, NULL, DROP, ACCEPT);
	ip = &first_entry(s)->ip;
	expect(&s->r, 0, "-A INPUT -j DROP");
	ip->src.s_addr = htonl(0x0a000000);
	ip->smsk.s_addr = htonl(0xff000000);
	ip->invflags = IPT_INV_SRCIP;
	expect(&s->r, 0, "-A INPUT ! -s 10.0.0.0/8 -j DROP");
	ip->smsk.s_addr = htonl(0xff00ff00);
	expect(&s->r, 0, "-A INPUT ! -s 10.0.0.0/255.0.255.0 -j DROP");
	ip->smsk.s_addr = 0; /* no mask, but an address */
	expect(&s->r, 0, "-A INPUT ! -s 10.0.0.0/0 -j DROP");
}

static void test_interface_forms(void **arg)
{
	struct state *s = *arg;
	struct ipt_ip *ip;

	build(s, XTBPF_FILTER, NULL, ACCEPT, ACCEPT);
	ip = &first_entry(s)->ip;
	memset(ip->iniface, 'A', sizeof(ip->iniface));
	memset(ip->iniface_mask, 0xff, sizeof(ip->iniface_mask));
	expect(&s->r, 0, "-A INPUT -i AAAAAAAAAAAAAAAA -j ACCEPT");
	strcpy(ip->iniface, "eth");
	memset(ip->iniface_mask + 3, 0, 13);
	ip->invflags = IPT_INV_VIA_IN;
	expect(&s->r, 0, "-A INPUT ! -i eth+ -j ACCEPT");
}

static void test_entries_that_are_none(void **arg)
{
	struct state *s = *arg;

	build(s, XTBPF_FILTER, NULL, DROP, ACCEPT);
	expect(&s->r, 4, NULL); /* the ERROR entry */
	expect(&s->r, 5, NULL);
	expect(&s->r, 0xffffffff, NULL);
	s->r.head.size = 100;
	expect(&s->r, 0, NULL);
	s->r.head.size = 0;
	expect(&s->r, 0, NULL);
}

/* Payload of a size the extension does not have: the name only. */
static void test_wrong_payload(void **arg)
{
	struct state *s = *arg;

	build(s, XTBPF_FILTER, "recent", DROP, ACCEPT);
	expect(&s->r, 0, "-A INPUT -m recent -j DROP");
	build(s, XTBPF_FILTER, "../../../tmp/x", DROP, ACCEPT);
	expect(&s->r, 0, "-A INPUT -m ../../../tmp/x -j DROP");
}

static void test_jumps(void **arg)
{
	struct state *s = *arg;

	build(s, XTBPF_FILTER, NULL, 152 + 152, ACCEPT);
	expect(&s->r, 0, "-A INPUT -j FORWARD");
	first_entry(s)->ip.flags = IPT_F_GOTO;
	expect(&s->r, 0, "-A INPUT -g FORWARD");
	build(s, XTBPF_FILTER, NULL, 152, ACCEPT); /* the next entry: no target */
	expect(&s->r, 0, "-A INPUT");
	build(s, XTBPF_FILTER, NULL, 0x7fffffff, ACCEPT);
	expect(&s->r, 0, "-A INPUT");
}

/* Nothing a blob holds may harm the helper: whatever comes out, it comes back. */
static void test_damage(void **arg)
{
	struct state *s = *arg;
	uint32_t x = 2463534242u;

	for (int i = 0; i < 120; i++) {
		struct xtbpf_blob b;

		build(s, XTBPF_FILTER, i % 2 ? "comment" : NULL, DROP, ACCEPT);
		for (int n = 0; n < 3; n++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			s->r.blob[(x >> 8) % (n ? 160 : s->r.head.size)] = (uint8_t)x;
		}
		b = blob_of(&s->r);
		for (uint32_t entry = 0; entry < 3; entry++)
			free(xtbpf_rule_text(&b, entry));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_address_forms),
		TEST(test_interface_forms),
		TEST(test_entries_that_are_none),
		TEST(test_wrong_payload),
		TEST(test_jumps),
		TEST(test_damage),
	};

	return RUN(tests);
}
