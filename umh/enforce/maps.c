/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps that live as long as the namespace. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

const char *const slot_map_name[NSLOT_MAP] = { "slots_nf", "slots_xdp", "slots_tc" };
const char *const gate_name[NSLOT_MAP] = { "gate_nf", "gate_xdp", "gate_tc" };
static const char *const env_map_name[NENV_MAP] = { "env_dev", "env_local4", "env_local6",
						    "env_stat", "env_clock" };

struct map_def {
	enum bpf_map_type type;
	uint32_t key, value, entries, flags;
};

static const struct map_def gen_def = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, BPF_F_MMAPABLE };
static const struct map_def slots_def = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, XTBPF_SLOTS, 0 };
static const struct map_def meta_def = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct meta), 1, 0 };
static const struct map_def env_def[NENV_MAP] = {
	[ENV_DEV] = { BPF_MAP_TYPE_HASH, 4, sizeof(struct xtbpf_dev), 1024, 0 },
	[ENV_LOCAL4] = { BPF_MAP_TYPE_LPM_TRIE, sizeof(struct xtbpf_lpm4), 4, 65536,
			 BPF_F_NO_PREALLOC },
	[ENV_LOCAL6] = { BPF_MAP_TYPE_LPM_TRIE, sizeof(struct xtbpf_lpm6), 4, 65536,
			 BPF_F_NO_PREALLOC },
	[ENV_STAT] = { BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, XTBPF_NSTAT, 0 },
	[ENV_CLOCK] = { BPF_MAP_TYPE_ARRAY, 4, sizeof(struct xtbpf_clock), 1, 0 },
};

static int create_pinned(struct xtbpf_enforce *e, const struct map_def *def, const char *name)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = def->flags);
	int fd = bpf_map_create(def->type, name, def->key, def->value, def->entries, &opts);
	int err;

	if (fd < 0)
		return -errno;
	err = pins_set(e, fd, name);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int maps_map_gen(struct xtbpf_enforce *e)
{
	void *at = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
			e->gen_fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	e->gen = at;
	return 0;
}

int meta_write(struct xtbpf_enforce *e)
{
	int fd = pins_get(e, "meta");
	uint32_t zero = 0;
	struct meta m;
	int err;

	if (fd < 0)
		return fd;
	err = meta_now(e, &m);
	if (!err && bpf_map_update_elem(fd, &zero, &m, BPF_ANY))
		err = -errno;
	close(fd);
	if (!err)
		e->stale = false;
	return err;
}

/* meta comes last: a directory without it was never in use. */
int maps_create(struct xtbpf_enforce *e, struct xtbpf_reason *why)
{
	int fd = create_pinned(e, &gen_def, "gen");
	int err;

	if (fd < 0)
		return enforce_why(why, fd, "map \"gen\": %s", strerror(-fd));
	e->gen_fd = fd;
	for (int i = 0; i < NSLOT_MAP; i++) {
		fd = create_pinned(e, &slots_def, slot_map_name[i]);
		if (fd < 0)
			return enforce_why(why, fd, "map \"%s\": %s", slot_map_name[i],
					   strerror(-fd));
		e->slots_fd[i] = fd;
	}
	for (int i = 0; i < NENV_MAP; i++) {
		fd = create_pinned(e, &env_def[i], env_map_name[i]);
		if (fd < 0)
			return enforce_why(why, fd, "map \"%s\": %s", env_map_name[i],
					   strerror(-fd));
		e->env_fd[i] = fd;
	}
	err = maps_map_gen(e);
	if (err)
		return enforce_why(why, err, "generation cell: %s", strerror(-err));
	fd = create_pinned(e, &meta_def, "meta");
	if (fd < 0)
		return enforce_why(why, fd, "map \"meta\": %s", strerror(-fd));
	close(fd);
	return meta_write(e);
}

int maps_adopt(struct xtbpf_enforce *e)
{
	e->gen_fd = pins_get(e, "gen");
	if (e->gen_fd < 0)
		return e->gen_fd;
	for (int i = 0; i < NSLOT_MAP; i++) {
		e->slots_fd[i] = pins_get(e, slot_map_name[i]);
		if (e->slots_fd[i] < 0)
			return e->slots_fd[i];
	}
	for (int i = 0; i < NENV_MAP; i++) {
		e->env_fd[i] = pins_get(e, env_map_name[i]);
		/*
		 * Pins of a build that had no clock; its programs are rebuilt. The others
		 * are what running programs read: another map would not be theirs.
		 */
		if (e->env_fd[i] == -ENOENT && i == ENV_CLOCK)
			e->env_fd[i] = create_pinned(e, &env_def[i], env_map_name[i]);
		if (e->env_fd[i] < 0)
			return e->env_fd[i];
	}
	return maps_map_gen(e);
}

size_t maps_env(const struct xtbpf_enforce *e, struct xtbpf_load_map *out)
{
	clock_write(e);
	for (int i = 0; i < NENV_MAP; i++)
		out[i] = (struct xtbpf_load_map){ env_map_name[i], e->env_fd[i] };
	return NENV_MAP;
}
