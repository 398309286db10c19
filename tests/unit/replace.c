// SPDX-License-Identifier: GPL-2.0-only
#include "replace.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The structures of both families differ in nothing but their entries. */
_Static_assert(sizeof(struct ipt_replace) == sizeof(struct ip6t_replace), "same layout");
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "same layout");
_Static_assert(IPT_SO_SET_REPLACE == IP6T_SO_SET_REPLACE, "same number");

int kernel_socket(enum xtbpf_family family)
{
	int fd = socket(family == XTBPF_IPV6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC,
			IPPROTO_RAW);

	return fd < 0 ? -errno : fd;
}

static int level(const struct xtbpf_blob *blob)
{
	return blob->family == XTBPF_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

int kernel_replace(int fd, const struct xtbpf_blob *blob)
{
	size_t size = sizeof(struct ipt_replace) + blob->size;
	struct ipt_replace *r = calloc(1, size);
	struct ipt_getinfo info = { .name = "" };
	socklen_t len = sizeof(info);
	int err = -ENOMEM;

	strcpy(info.name, xtbpf_table_def(blob->table)->name);
	if (!r || getsockopt(fd, level(blob), IPT_SO_GET_INFO, &info, &len) < 0) {
		free(r);
		return -errno;
	}
	strcpy(r->name, info.name);
	r->valid_hooks = blob->valid_hooks;
	r->num_entries = blob->num_entries;
	r->size = blob->size;
	memcpy(r->hook_entry, blob->hook_entry, sizeof(r->hook_entry));
	memcpy(r->underflow, blob->underflow, sizeof(r->underflow));
	r->num_counters = info.num_entries;
	r->counters = calloc(info.num_entries, sizeof(*r->counters));
	if (r->counters) {
		memcpy((uint8_t *)r + sizeof(*r), blob->entries, blob->size);
		err = setsockopt(fd, level(blob), IPT_SO_SET_REPLACE, r, (socklen_t)size) < 0
			      ? -errno
			      : 0;
	}
	free(r->counters);
	free(r);
	return err;
}

uint8_t *kernel_entries(int fd, const struct xtbpf_blob *blob)
{
	socklen_t len = (socklen_t)(sizeof(struct ipt_get_entries) + blob->size);
	struct ipt_get_entries *get = calloc(1, len);

	if (!get)
		return NULL;
	strcpy(get->name, xtbpf_table_def(blob->table)->name);
	get->size = blob->size;
	if (getsockopt(fd, level(blob), IPT_SO_GET_ENTRIES, get, &len) < 0) {
		free(get);
		return NULL;
	}
	memmove(get, (uint8_t *)get + sizeof(*get), blob->size);
	return (uint8_t *)get;
}
