/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of a table. Programs count in a per-CPU array that only they write;
 * what ADD_COUNTERS adds goes to a second array in shared memory, so that
 * neither can lose the other's updates. Both are pinned and outlive the helper.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../cleanup.h"
#include "internal.h"

#define BATCH 256u

static void pin_name(char out[64], const char *what, enum xtbpf_family family,
		     enum xtbpf_table_id table, uint32_t gen)
{
	snprintf(out, 64, "%s_%c_%s_%u", what, family == XTBPF_IPV4 ? '4' : '6',
		 xtbpf_table_def(table)->name, gen);
}

static size_t base_size(uint32_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return ((size_t)n * sizeof(struct xt_counters) + page - 1) / page * page;
}

static int map_base(int fd, uint32_t n, struct counts *c)
{
	void *at = mmap(NULL, base_size(n), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	c->base = at;
	return 0;
}

int counts_create(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		  uint32_t gen, uint32_t n, struct counts *out)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	struct counts c = { .gen = gen, .n = n };
	_cleanup_fd_ int base = -1;
	_cleanup_fd_ int cnt = -1;
	char name[64];
	int err;

	if (!n)
		return -EINVAL;
	base = bpf_map_create(BPF_MAP_TYPE_ARRAY, "base", 4, sizeof(struct xt_counters), n, &opts);
	if (base < 0)
		return -errno;
	cnt = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "cnt", 4, sizeof(struct xt_counters), n,
			     NULL);
	if (cnt < 0)
		return -errno;
	err = map_base(base, n, &c);
	if (err)
		return err;
	/* adopt looks for cnt, so base goes first */
	pin_name(name, "base", family, table, gen);
	err = pins_set(e, base, name);
	if (!err) {
		pin_name(name, "cnt", family, table, gen);
		err = pins_set(e, cnt, name);
		if (err) {
			pin_name(name, "base", family, table, gen);
			pins_remove(e, name);
		}
	}
	if (err) {
		munmap(c.base, base_size(n));
		return err;
	}
	c.cnt = xtbpf_steal_fd(&cnt);
	*out = c;
	return 0;
}

static int map_entries(int fd, uint32_t value_size, uint32_t *n)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	if (info.value_size != value_size || !info.max_entries)
		return -EINVAL;
	*n = info.max_entries;
	return 0;
}

int counts_adopt(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		 uint32_t gen, struct counts *out)
{
	struct counts c = { .gen = gen };
	_cleanup_fd_ int base = -1;
	_cleanup_fd_ int cnt = -1;
	uint32_t n = 0;
	char name[64];
	int err;

	pin_name(name, "base", family, table, gen);
	base = pins_get(e, name);
	pin_name(name, "cnt", family, table, gen);
	cnt = pins_get(e, name);
	if (base < 0 || cnt < 0)
		return base < 0 ? base : cnt;
	err = map_entries(base, sizeof(struct xt_counters), &n);
	if (!err)
		err = map_entries(cnt, sizeof(struct xt_counters), &c.n);
	if (!err && n != c.n)
		err = -EINVAL;
	if (!err)
		err = map_base(base, n, &c);
	if (err)
		return err;
	c.cnt = xtbpf_steal_fd(&cnt);
	*out = c;
	return 0;
}

static void add_up(struct xt_counters *sum, const struct xt_counters *percpu, int ncpu)
{
	for (int i = 0; i < ncpu; i++) {
		sum->pcnt += percpu[i].pcnt;
		sum->bcnt += percpu[i].bcnt;
	}
}

/* One lookup at a time: kernels before 5.13 have no batches for per-CPU arrays. */
static int read_singly(const struct counts *c, struct xt_counters *values, int ncpu, uint32_t from,
		       struct xt_counters *out, size_t n)
{
	for (uint32_t key = from; key < n; key++) {
		if (bpf_map_lookup_elem(c->cnt, &key, values))
			return -errno;
		add_up(&out[key], values, ncpu);
	}
	return 0;
}

int counts_read(const struct counts *c, struct xt_counters *out, size_t n)
{
	int ncpu = libbpf_num_possible_cpus();
	_cleanup_free_ struct xt_counters *values = NULL;
	uint32_t keys[BATCH], cursor = 0, at = 0;
	void *in = NULL;

	if (ncpu < 1)
		return -EINVAL;
	if (n > c->n)
		return -EINVAL;
	if (!n)
		return 0;
	values = calloc((size_t)ncpu * BATCH, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		out[i].pcnt = __atomic_load_n(&c->base[i].pcnt, __ATOMIC_RELAXED);
		out[i].bcnt = __atomic_load_n(&c->base[i].bcnt, __ATOMIC_RELAXED);
	}
	while (at < n) {
		uint32_t count = BATCH;
		int err = bpf_map_lookup_batch(c->cnt, in, &cursor, keys, values, &count, NULL);

		if (err && errno != ENOENT)
			return read_singly(c, values, ncpu, at, out, n);
		for (uint32_t i = 0; i < count && i < BATCH; i++)
			if (keys[i] < n)
				add_up(&out[keys[i]], values + (size_t)i * (size_t)ncpu, ncpu);
		at += count;
		in = &cursor;
		if (err || !count) /* ENOENT: that was the end */
			break;
	}
	return 0;
}

void counts_close(struct counts *c)
{
	if (!c->n)
		return;
	munmap(c->base, base_size(c->n));
	close(c->cnt);
	*c = (struct counts){ .cnt = -1 };
}

void counts_remove(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		   struct counts *c)
{
	char name[64];

	if (!c->n)
		return;
	pin_name(name, "cnt", family, table, c->gen);
	pins_remove(e, name);
	pin_name(name, "base", family, table, c->gen);
	pins_remove(e, name);
	counts_close(c);
}
