// SPDX-License-Identifier: GPL-2.0-only
/* State on disk: what was saved comes back; what was damaged does not. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "umh/cleanup.h"
#include "umh/log.h"
#include "umh/paths.h"
#include "umh/store.h"

#define INO 4026531999ull

static char dir[] = "/tmp/xtbpf-store-XXXXXX";

struct state {
	struct xtbpf_ns ns;
	struct xtbpf_table filter, nat6;
	struct xtbpf_blob out[XTBPF_NFAMILY][XTBPF_NTABLE];
	unsigned int seq[XTBPF_NFAMILY][XTBPF_NTABLE];
};

static int setup(void **arg)
{
	struct state *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->ns.ino = INO;
	assert_int_equal(xtbpf_blob_initial(XTBPF_IPV4, XTBPF_FILTER, &s->filter.blob), 0);
	assert_int_equal(xtbpf_blob_initial(XTBPF_IPV6, XTBPF_NAT, &s->nat6.blob), 0);
	s->filter.seq = 1;
	s->nat6.seq = 0;
	s->ns.ntables = 2;
	s->ns.tables[XTBPF_IPV4][XTBPF_FILTER] = &s->filter;
	s->ns.tables[XTBPF_IPV6][XTBPF_NAT] = &s->nat6;
	*arg = s;
	return 0;
}

static int teardown(void **arg)
{
	struct state *s = *arg;

	for (int i = 0; i < XTBPF_NFAMILY * XTBPF_NTABLE; i++)
		xtbpf_blob_release(&s->out[i / XTBPF_NTABLE][i % XTBPF_NTABLE]);
	xtbpf_blob_release(&s->filter.blob);
	xtbpf_blob_release(&s->nat6.blob);
	xtbpf_store_remove(INO);
	free(s);
	return 0;
}

static void path_of(char path[256], unsigned int gen, const char *file)
{
	snprintf(path, 256, "%s/ns/%llu/%u/%s", xtbpf_rundir(), INO, gen, file);
}

static void assert_same(const struct xtbpf_blob *a, const struct xtbpf_blob *b)
{
	assert_int_equal(a->family, b->family);
	assert_int_equal(a->table, b->table);
	assert_int_equal(a->valid_hooks, b->valid_hooks);
	assert_int_equal(a->num_entries, b->num_entries);
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->hook_entry, b->hook_entry, sizeof(a->hook_entry));
	assert_memory_equal(a->underflow, b->underflow, sizeof(a->underflow));
	assert_memory_equal(a->entries, b->entries, a->size);
}

static void test_round_trip(void **arg)
{
	struct state *s = *arg;

	assert_int_equal(xtbpf_store_save(&s->ns, 7, NULL), 0);
	assert_int_equal(xtbpf_store_load(INO, 7, s->out, s->seq), 0);
	assert_same(&s->out[XTBPF_IPV4][XTBPF_FILTER], &s->filter.blob);
	assert_same(&s->out[XTBPF_IPV6][XTBPF_NAT], &s->nat6.blob);
	assert_int_equal(s->seq[XTBPF_IPV4][XTBPF_FILTER], 1);
	assert_null(s->out[XTBPF_IPV4][XTBPF_NAT].entries);
	assert_null(s->out[XTBPF_IPV6][XTBPF_FILTER].entries);
}

/* The new table goes to disk before it is the namespace's. */
static void test_replacement(void **arg)
{
	struct state *s = *arg;
	struct xtbpf_blob raw = { 0 };

	assert_int_equal(xtbpf_blob_initial(XTBPF_IPV4, XTBPF_RAW, &raw), 0);
	assert_int_equal(xtbpf_store_save(&s->ns, 8, &raw), 0);
	assert_int_equal(xtbpf_store_load(INO, 8, s->out, s->seq), 0);
	assert_same(&s->out[XTBPF_IPV4][XTBPF_RAW], &raw);
	assert_int_equal(s->seq[XTBPF_IPV4][XTBPF_RAW], 2);
	assert_same(&s->out[XTBPF_IPV4][XTBPF_FILTER], &s->filter.blob);
	xtbpf_blob_release(&raw);
}

static void test_prune(void **arg)
{
	struct state *s = *arg;
	char path[256];

	for (uint32_t gen = 1; gen <= 3; gen++)
		assert_int_equal(xtbpf_store_save(&s->ns, gen, NULL), 0);
	xtbpf_store_prune(INO, 3);
	path_of(path, 2, "4.filter");
	assert_int_equal(access(path, F_OK), -1);
	path_of(path, 3, "4.filter");
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(xtbpf_store_load(INO, 2, s->out, s->seq), -ENOENT);
}

/* An attempt that was given up leaves nothing for the next one with its number. */
static void test_again(void **arg)
{
	struct state *s = *arg;
	struct xtbpf_blob raw = { 0 };

	assert_int_equal(xtbpf_blob_initial(XTBPF_IPV4, XTBPF_RAW, &raw), 0);
	assert_int_equal(xtbpf_store_save(&s->ns, 4, &raw), 0);
	assert_int_equal(xtbpf_store_save(&s->ns, 4, NULL), 0);
	assert_int_equal(xtbpf_store_load(INO, 4, s->out, s->seq), 0);
	assert_null(s->out[XTBPF_IPV4][XTBPF_RAW].entries);
	xtbpf_blob_release(&raw);
}

static void flip_byte(const char *path, off_t at)
{
	_cleanup_fd_ int fd = open(path, O_RDWR);
	uint8_t b;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &b, 1, at), 1);
	b ^= 0x40;
	assert_int_equal(pwrite(fd, &b, 1, at), 1);
}

/* Every byte of the head, and a sample of the entries. */
static void test_damaged_byte(void **arg)
{
	struct state *s = *arg;
	char path[256];
	struct stat st;

	assert_int_equal(xtbpf_store_save(&s->ns, 5, NULL), 0);
	path_of(path, 5, "4.filter");
	assert_int_equal(stat(path, &st), 0);
	for (off_t at = 0; at < st.st_size; at += at < 88 ? 1 : 13) {
		flip_byte(path, at);
		assert_true(xtbpf_store_load(INO, 5, s->out, s->seq) < 0);
		flip_byte(path, at);
	}
	assert_null(s->out[XTBPF_IPV6][XTBPF_NAT].entries); /* untouched by failures */
	assert_int_equal(xtbpf_store_load(INO, 5, s->out, s->seq), 0);
}

static void test_wrong_size(void **arg)
{
	struct state *s = *arg;
	char path[256];
	struct stat st;

	assert_int_equal(xtbpf_store_save(&s->ns, 6, NULL), 0);
	path_of(path, 6, "6.nat");
	assert_int_equal(stat(path, &st), 0);
	for (off_t size = st.st_size + 1; size > 0; size -= 101) {
		if (size == st.st_size)
			continue;
		assert_int_equal(truncate(path, size), 0);
		assert_int_equal(xtbpf_store_load(INO, 6, s->out, s->seq), -EUCLEAN);
	}
}

static int count_one(uint64_t ino, void *arg)
{
	assert_true(ino == INO);
	(*(int *)arg)++;
	return 0;
}

static void test_each(void **arg)
{
	struct state *s = *arg;
	char path[256];
	int n = 0;

	assert_int_equal(xtbpf_store_save(&s->ns, 1, NULL), 0);
	snprintf(path, sizeof(path), "%s/ns/junk", xtbpf_rundir());
	mkdir(path, 0700);
	assert_int_equal(xtbpf_store_each(count_one, &n), 0);
	assert_int_equal(n, 1);
	xtbpf_store_remove(INO);
	n = 0;
	assert_int_equal(xtbpf_store_each(count_one, &n), 0);
	assert_int_equal(n, 0);
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replacement, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prune, setup, teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_each, setup, teardown),
	};
	char ns[64];
	int failed;

	if (!mkdtemp(dir) || setenv("XTBPF_RUNDIR", dir, 1))
		return 1;
	xtbpf_log_level(0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(ns, sizeof(ns), "%s/ns", dir);
	rmdir(ns);
	rmdir(dir);
	return failed;
}
