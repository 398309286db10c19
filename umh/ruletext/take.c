// SPDX-License-Identifier: GPL-2.0-only
/* Finding a rule, its chain and its jump's target in a blob that nobody has checked yet. */
/* libc first: its headers and the kernel's agree only in this order */
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>

#include "rule.h"

#define SLACK 256 /* zeros behind the copied entry */

/* One entry where it stands: offsets from its start. */
struct view {
	const uint8_t *at;
	uint16_t head, target, next;
	struct xt_entry_target t; /* copied: may be at any offset */
};

static bool look(const struct xtbpf_blob *blob, uint32_t at, struct view *v)
{
	const uint8_t *e = (const uint8_t *)blob->entries + at;
	size_t off;

	v->head = blob->family == XTBPF_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	if (at > blob->size || blob->size - at < v->head)
		return false;
	off = blob->family == XTBPF_IPV4 ? offsetof(struct ipt_entry, target_offset)
					 : offsetof(struct ip6t_entry, target_offset);
	memcpy(&v->target, e + off, sizeof(v->target));
	off = blob->family == XTBPF_IPV4 ? offsetof(struct ipt_entry, next_offset)
					 : offsetof(struct ip6t_entry, next_offset);
	memcpy(&v->next, e + off, sizeof(v->next));
	if (v->next > blob->size - at || v->target < v->head || v->target + sizeof(v->t) > v->next)
		return false;
	memcpy(&v->t, e + v->target, sizeof(v->t));
	v->t.u.user.name[sizeof(v->t.u.user.name) - 1] = '\0';
	v->at = e;
	return v->t.u.target_size >= sizeof(v->t) && v->target + v->t.u.target_size <= v->next;
}

/* The chain's name, when this entry is what libiptc puts before a user chain. */
static bool is_head(const struct view *v, char name[XTBPF_NAME_LEN])
{
	size_t room = v->t.u.target_size - sizeof(v->t);

	if (strcmp(v->t.u.user.name, XT_ERROR_TARGET) || !room)
		return false;
	memset(name, 0, XTBPF_NAME_LEN);
	memcpy(name, v->at + v->target + sizeof(v->t),
	       room < XTBPF_NAME_LEN - 1 ? room : XTBPF_NAME_LEN - 1);
	return true;
}

static bool is_builtin(const struct xtbpf_blob *blob, uint32_t at, char name[XTBPF_NAME_LEN])
{
	for (int h = 0; h < XTBPF_NHOOK; h++) {
		if ((blob->valid_hooks & (1u << h)) && blob->hook_entry[h] == at) {
			memset(name, 0, XTBPF_NAME_LEN);
			strcpy(name, xtbpf_hook_name((enum xtbpf_hook)h));
			return true;
		}
	}
	return false;
}

/* The chain whose first rule is at `want`. */
static void name_jump(const struct xtbpf_blob *blob, uint32_t want, char name[XTBPF_NAME_LEN])
{
	char head[XTBPF_NAME_LEN];
	struct view v;

	if (is_builtin(blob, want, name))
		return;
	for (uint32_t at = 0; at < want && look(blob, at, &v); at += v.next) {
		if (at + v.next == want && is_head(&v, head))
			memcpy(name, head, sizeof(head));
	}
}

static int copy(const struct xtbpf_blob *blob, uint32_t at, const struct view *v, struct rule *rule)
{
	int verdict;

	rule->family = blob->family;
	rule->head = v->head;
	rule->target = v->target;
	rule->size = v->next;
	if (!v->t.u.user.name[0] && v->t.u.target_size >= sizeof(v->t) + sizeof(verdict)) {
		memcpy(&verdict, v->at + v->target + sizeof(v->t), sizeof(verdict));
		if (verdict >= 0 && (uint32_t)verdict != at + v->next)
			name_jump(blob, (uint32_t)verdict, rule->jump);
	}
	rule->entry = calloc(1, (size_t)v->next + SLACK);
	if (!rule->entry)
		return -ENOMEM;
	memcpy(rule->entry, v->at, v->next);
	return 0;
}

int xtbpf_rule_take(const struct xtbpf_blob *blob, uint32_t number, struct rule *rule)
{
	struct rule out = { 0 };
	struct view v;
	uint32_t at = 0;
	int err;

	for (uint32_t n = 0; look(blob, at, &v); n++, at += v.next) {
		bool head = is_head(&v, out.chain);

		if (!head)
			is_builtin(blob, at, out.chain);
		if (n < number)
			continue;
		if (head || !out.chain[0])
			return -ENOENT;
		err = copy(blob, at, &v, &out);
		if (!err)
			*rule = out;
		return err;
	}
	return -ENOENT;
}
