// SPDX-License-Identifier: GPL-2.0-only
/*
 * ruletext 4|6 TABLE: the rules of a table of the kernel's own ip_tables in this
 * network namespace, printed by xtbpf_rule_text: must equal iptables-save's lines.
 */
#include <net/if.h>
#include <netinet/in.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "umh/ruletext.h"

static int fetch(int family, const char *table, struct xtbpf_blob *blob)
{
	int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);
	int level = family == 4 ? IPPROTO_IP : IPPROTO_IPV6;
	struct ipt_getinfo info = { 0 };
	struct ipt_get_entries *get;
	socklen_t len = sizeof(info);

	snprintf(info.name, sizeof(info.name), "%s", table);
	if (fd < 0 || getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len))
		return -1;
	len = sizeof(*get) + info.size;
	get = calloc(1, len);
	if (!get)
		return -1;
	snprintf(get->name, sizeof(get->name), "%s", table);
	get->size = info.size;
	if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, get, &len))
		return -1;
	blob->family = family == 4 ? XTBPF_IPV4 : XTBPF_IPV6;
	blob->table = XTBPF_FILTER;
	blob->valid_hooks = info.valid_hooks;
	blob->num_entries = info.num_entries;
	blob->size = info.size;
	memcpy(blob->hook_entry, info.hook_entry, sizeof(info.hook_entry));
	memcpy(blob->underflow, info.underflow, sizeof(info.underflow));
	blob->entries = get->entrytable;
	return 0;
}

/* A policy, or the RETURN that libiptc puts at a user chain's end: iptables-save prints neither. */
static int is_implied(const struct xtbpf_blob *blob, uint32_t at, uint32_t next)
{
	const struct xt_entry_target *t;
	uint32_t target =
		blob->family == XTBPF_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);

	for (int h = 0; h < XTBPF_NHOOK; h++) {
		if (blob->underflow[h] == at)
			return 1;
	}
	if (next + target + sizeof(*t) > blob->size)
		return 1;
	t = (const void *)((const uint8_t *)blob->entries + next + target);
	return !strcmp(t->u.user.name, XT_ERROR_TARGET);
}

int main(int argc, char **argv)
{
	struct xtbpf_blob blob = { 0 };
	uint32_t at = 0;

	if (argc != 3 || fetch(atoi(argv[1]), argv[2], &blob)) {
		perror("ruletext");
		return 2;
	}
	for (uint32_t n = 0; n < blob.num_entries; n++) {
		const uint8_t *e = (const uint8_t *)blob.entries + at;
		uint32_t next =
			at + (blob.family == XTBPF_IPV4
				      ? ((const struct ipt_entry *)(const void *)e)->next_offset
				      : ((const struct ip6t_entry *)(const void *)e)->next_offset);
		char *text = is_implied(&blob, at, next) ? NULL : xtbpf_rule_text(&blob, n);

		if (text)
			puts(text);
		free(text);
		at = next;
	}
	free((uint8_t *)blob.entries - offsetof(struct ipt_get_entries, entrytable));
	return 0;
}
