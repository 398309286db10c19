// SPDX-License-Identifier: GPL-2.0-only
#include "blobs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool v6(const struct blobs *b)
{
	return b->blob.family == XTBPF_IPV6;
}

struct blobs *blobs_new(enum xtbpf_family family, enum xtbpf_table_id table)
{
	struct blobs *b = calloc(1, sizeof(*b));
	unsigned int h;

	assert(b);
	b->blob.family = family;
	b->blob.table = table;
	b->blob.valid_hooks = xtbpf_table_def(table)->valid_hooks;
	for (h = 0; h < XTBPF_NHOOK; h++)
		b->blob.hook_entry[h] = b->blob.underflow[h] = XTBPF_NO_HOOK;
	return b;
}

void blobs_free(struct blobs *b)
{
	xtbpf_blob_release(&b->blob);
	free(b);
}

/* size zeroed bytes at the end; the array is exactly as long as the blob, for ASan */
static uint8_t *grow(struct blobs *b, uint32_t size)
{
	uint8_t *p = realloc(b->blob.entries, b->blob.size + size);

	assert(p);
	b->blob.entries = p;
	memset(p + b->blob.size, 0, size);
	b->blob.size += size;
	return p + b->blob.size - size;
}

static uint16_t align8(uint32_t n)
{
	return (uint16_t)((n + 7) & ~7u);
}

static void put_head(struct blobs *b, uint8_t *at, const struct rule *r, uint16_t target,
		     uint16_t next)
{
	if (v6(b)) {
		struct ip6t_entry *e = (void *)at;

		e->ipv6 = r->ip6;
		e->target_offset = target;
		e->next_offset = next;
	} else {
		struct ipt_entry *e = (void *)at;

		e->ip = r->ip4;
		e->target_offset = target;
		e->next_offset = next;
	}
	b->blob.num_entries++;
}

static void put_matches(uint8_t *at, const struct rule *r)
{
	unsigned int i;

	for (i = 0; i < r->nmatches; i++) {
		const struct match_spec *s = &r->match[i];
		struct xt_entry_match *m = (void *)at;

		m->u.user.match_size = sizeof(*m) + align8(s->size);
		memcpy(m->u.user.name, s->name, strlen(s->name));
		m->u.user.revision = s->revision;
		memcpy(m->data, s->data, s->size);
		at += m->u.user.match_size;
	}
}

uint32_t blobs_add(struct blobs *b, const struct rule *r)
{
	uint16_t head = v6(b) ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);
	uint32_t offset = b->blob.size, target = head, size;
	struct xt_standard_target *st;
	struct xt_entry_target *t;
	unsigned int i;
	uint8_t *at;

	for (i = 0; i < r->nmatches; i++)
		target += sizeof(struct xt_entry_match) + align8(r->match[i].size);
	size = r->target ? sizeof(*t) + align8(r->target_size) : sizeof(*st);
	at = grow(b, target + size);
	put_head(b, at, r, (uint16_t)target, (uint16_t)(target + size));
	put_matches(at + head, r);
	t = (void *)(at + target);
	t->u.user.target_size = (uint16_t)size;
	t->u.user.revision = r->revision;
	if (r->target) {
		memcpy(t->u.user.name, r->target, strlen(r->target));
		memcpy(t->data, r->target_data, r->target_size);
	} else {
		st = (void *)t;
		st->verdict = r->verdict == V_NEXT ? (int32_t)b->blob.size : r->verdict;
	}
	return offset;
}

void blobs_hook(struct blobs *b, enum xtbpf_hook hook)
{
	b->blob.hook_entry[hook] = b->blob.size;
}

uint32_t blobs_simple(struct blobs *b, int32_t verdict)
{
	struct rule r = { .verdict = verdict };

	return blobs_add(b, &r);
}

uint32_t blobs_policy(struct blobs *b, enum xtbpf_hook hook, int32_t verdict)
{
	b->blob.underflow[hook] = b->blob.size;
	return blobs_simple(b, verdict);
}

uint32_t blobs_user(struct blobs *b, const char *name)
{
	char text[XT_FUNCTION_MAXNAMELEN] = "";
	struct rule r = { .target = XT_ERROR_TARGET,
			  .target_size = sizeof(text),
			  .target_data = text };

	memcpy(text, name, strlen(name));
	blobs_add(b, &r);
	return b->blob.size;
}

void blobs_end(struct blobs *b)
{
	blobs_user(b, XT_ERROR_TARGET);
}

struct ipt_entry *blobs_entry4(struct blobs *b, uint32_t offset)
{
	return (void *)((uint8_t *)b->blob.entries + offset);
}

struct ip6t_entry *blobs_entry6(struct blobs *b, uint32_t offset)
{
	return (void *)((uint8_t *)b->blob.entries + offset);
}

struct xt_standard_target *blobs_target(struct blobs *b, uint32_t offset)
{
	uint16_t target = v6(b) ? blobs_entry6(b, offset)->target_offset
				: blobs_entry4(b, offset)->target_offset;

	return (void *)((uint8_t *)b->blob.entries + offset + target);
}

void blobs_verdict(struct blobs *b, uint32_t offset, int32_t verdict)
{
	blobs_target(b, offset)->verdict = verdict;
}

struct blobs *blobs_filter(enum xtbpf_family family, const struct rule *rules, unsigned int n)
{
	struct blobs *b = blobs_new(family, XTBPF_FILTER);
	unsigned int i;

	blobs_hook(b, XTBPF_INPUT);
	for (i = 0; i < n; i++)
		blobs_add(b, &rules[i]);
	blobs_policy(b, XTBPF_INPUT, V_ACCEPT);
	blobs_hook(b, XTBPF_FORWARD);
	blobs_policy(b, XTBPF_FORWARD, V_DROP);
	blobs_hook(b, XTBPF_OUTPUT);
	blobs_policy(b, XTBPF_OUTPUT, V_ACCEPT);
	blobs_end(b);
	return b;
}

struct rule rule_proto(uint16_t proto, int32_t verdict)
{
	struct rule r = { .verdict = verdict };

	r.ip4.proto = r.ip6.proto = proto;
	if (proto)
		r.ip6.flags = IP6T_F_PROTO;
	return r;
}

void rule_match(struct rule *r, const char *name, uint8_t revision, const void *data, uint16_t size)
{
	assert(r->nmatches < sizeof(r->match) / sizeof(r->match[0]));
	r->match[r->nmatches++] = (struct match_spec){ name, revision, size, data };
}

void rule_invert(struct rule *r, uint8_t invflags)
{
	r->ip4.invflags |= invflags;
	r->ip6.invflags |= invflags;
}

int blobs_try(struct blobs *b, bool lower, struct xtbpf_reason *why)
{
	struct xtbpf_ruleset *rs = NULL;
	int err = xtbpf_ruleset_new(&b->blob, lower, &rs, why);

	xtbpf_ruleset_free(rs);
	return err;
}
