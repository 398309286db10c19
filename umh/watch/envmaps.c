/* SPDX-License-Identifier: GPL-2.0-only */
#include "envmaps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../cleanup.h"

#define EARLY (XTBPF_DEV_EARLY4 | XTBPF_DEV_EARLY6)

/* Both key layouts begin alike; IPv4 uses the first four address bytes. */
struct lpm {
	uint32_t len;
	uint8_t addr[16];
};

static size_t addr_size(enum xtbpf_family family)
{
	return family == XTBPF_IPV4 ? 4 : 16;
}

static int order(const struct local *a, const struct local *b)
{
	int cmp = memcmp(a->addr, b->addr, sizeof(a->addr));

	return cmp ? cmp : (int)a->len - (int)b->len;
}

static int by_prefix(const void *a, const void *b)
{
	return order(a, b);
}

int locals_load(int fd, enum xtbpf_family family, struct locals *out)
{
	struct locals got = { 0 };
	struct lpm key = { 0 }, next = { 0 };
	bool first = true;
	size_t cap = 0;

	while (!bpf_map_get_next_key(fd, first ? NULL : &key, &next)) {
		uint32_t value = 0;

		first = false;
		key = next;
		if (bpf_map_lookup_elem(fd, &key, &value))
			continue;
		if (got.n == cap) {
			struct local *more;

			cap = cap ? cap * 2 : 64;
			more = realloc(got.v, cap * sizeof(*more));
			if (!more) {
				free(got.v);
				return -ENOMEM;
			}
			got.v = more;
		}
		got.v[got.n] = (struct local){ .len = (uint8_t)key.len, .value = (uint8_t)value };
		memcpy(got.v[got.n].addr, key.addr, addr_size(family));
		got.n++;
	}
	if (got.n)
		qsort(got.v, got.n, sizeof(*got.v), by_prefix);
	*out = got;
	return 0;
}

bool locals_equal(const struct locals *a, const struct locals *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (order(&a->v[i], &b->v[i]) || a->v[i].value != b->v[i].value)
			return false;
	return true;
}

static void make_key(const struct local *l, struct lpm *key)
{
	*key = (struct lpm){ .len = l->len };
	memcpy(key->addr, l->addr, sizeof(key->addr));
}

static int put(int fd, const struct local *l)
{
	uint32_t value = l->value;
	struct lpm key;

	make_key(l, &key);
	if (!bpf_map_update_elem(fd, &key, &value, BPF_ANY))
		return 0;
	return errno == ENOSPC ? -E2BIG : -errno;
}

int locals_store(int fd, enum xtbpf_family family, const struct locals *was,
		 const struct locals *now)
{
	size_t a = 0, b = 0;

	/* what is gone first, so that a full map has room */
	while (a < was->n) {
		int cmp = b < now->n ? order(&was->v[a], &now->v[b]) : -1;
		struct lpm key;

		if (cmp >= 0) {
			b++;
			a += cmp == 0;
			continue;
		}
		make_key(&was->v[a++], &key);
		if (bpf_map_delete_elem(fd, &key) && errno != ENOENT)
			return -errno;
	}
	a = 0;
	for (b = 0; b < now->n; b++) {
		int err;

		while (a < was->n && order(&was->v[a], &now->v[b]) < 0)
			a++;
		if (a < was->n && !order(&was->v[a], &now->v[b]) &&
		    was->v[a].value == now->v[b].value)
			continue;
		err = put(fd, &now->v[b]);
		if (err)
			return err;
	}
	return 0;
}

void dev_entry(const struct device *d, const struct rest *rest, bool early4, bool early6,
	       struct xtbpf_dev *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->name, d->name, sizeof(d->name));
	memcpy(out->mac, d->mac, sizeof(out->mac));
	/* IN_DEV_RPFILTER: the larger of all and the device's own */
	out->rp_filter = d->rp_filter > rest->rp_filter_all ? d->rp_filter : rest->rp_filter_all;
	out->flags =
		(uint8_t)((early4 ? XTBPF_DEV_EARLY4 : 0) | (early6 ? XTBPF_DEV_EARLY6 : 0) |
			  (d->forward4 ? XTBPF_DEV_FWD4 : 0) |
			  (rest->forward6 ? XTBPF_DEV_FWD6 : 0) | (d->ether ? XTBPF_DEV_ETHER : 0));
}

int dev_store(int fd, int ifindex, const struct xtbpf_dev *dev)
{
	struct xtbpf_dev have;
	uint32_t key = (uint32_t)ifindex;

	if (!bpf_map_lookup_elem(fd, &key, &have) && !memcmp(&have, dev, sizeof(have)))
		return 0;
	return bpf_map_update_elem(fd, &key, dev, BPF_ANY) ? -errno : 0;
}

int dev_withdraw(int fd)
{
	uint32_t key, next;
	bool first = true;
	int err = 0;

	while (!bpf_map_get_next_key(fd, first ? NULL : &key, &next)) {
		struct xtbpf_dev dev;

		first = false;
		key = next;
		if (bpf_map_lookup_elem(fd, &key, &dev) || !(dev.flags & EARLY))
			continue;
		dev.flags &= (uint8_t)~EARLY;
		if (bpf_map_update_elem(fd, &key, &dev, BPF_EXIST))
			err = -errno;
	}
	return err;
}

int dev_prune(int fd, const struct devices *now)
{
	uint32_t key = 0, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		size_t i = 0;

		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		while (i < now->n && now->v[i].ifindex != (int)key)
			i++;
		if (i == now->n && bpf_map_delete_elem(fd, &key) && errno != ENOENT)
			return -errno;
	}
	return 0;
}
