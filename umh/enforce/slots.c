/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the gates jump to. Slots are overwritten, never deleted: deleting one
 * waits for a grace period per user of the array (kernel/bpf/arraymap.c,
 * prog_array_map_poke_run).
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../bpfsys.h"
#include "internal.h"

#define PASS_NAME "xtbpf_pass"

struct kind {
	uint32_t type;
	uint32_t attach;
	int32_t pass;
};

static const struct kind kinds[NSLOT_MAP] = {
	[SLOTS_NF] = { XTBPF_PROG_TYPE_NETFILTER, XTBPF_ATTACH_TYPE_NETFILTER, 1 }, /* NF_ACCEPT */
	[SLOTS_XDP] = { BPF_PROG_TYPE_XDP, BPF_XDP, XDP_PASS },
	[SLOTS_TC] = { BPF_PROG_TYPE_SCHED_CLS, 0, -1 }, /* TC_ACT_UNSPEC: the next one decides */
};

bool slot_used(const struct slot *s)
{
	return s->held[0] || s->held[1];
}

int slots_open(struct xtbpf_enforce *e, struct xtbpf_reason *why)
{
	for (int i = 0; i < NSLOT_MAP; i++) {
		int fd, err;

		if (i == SLOTS_NF && !xtbpf_env()->netfilter_links)
			continue;
		fd = xtbpf_bpf_return(kinds[i].type, kinds[i].attach, PASS_NAME, kinds[i].pass);
		if (fd < 0) {
			err = -errno;
			return enforce_why(why, err, "the kernel takes no BPF programs from us: %s",
					   strerror(-err));
		}
		e->pass[i].fd = fd;
		err = xtbpf_load_info(&e->pass[i]);
		if (err)
			return err;
	}
	return 0;
}

int slots_put(struct xtbpf_enforce *e, enum slot_map map, uint32_t slot, unsigned int parity,
	      const struct xtbpf_loaded *prog)
{
	const struct xtbpf_loaded *real = prog->fd < 0 ? &e->pass[map] : prog;
	struct slot *s = &e->slots[map][slot];
	uint32_t index = slot * 2 + parity;

	if (real->fd < 0)
		return 0; /* no programs of this type here: nothing to switch off either */
	if (s->held[parity] == real->id)
		return 0;
	if (bpf_map_update_elem(e->slots_fd[map], &index, &real->fd, BPF_ANY))
		return -errno;
	s->held[parity] = real->id;
	return 0;
}

/* The program with this id, unless it only passes. */
static void adopt_prog(struct xtbpf_enforce *e, struct slot *s, uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0) {
		e->stale = true;
		return;
	}
	if (bpf_obj_get_info_by_fd(fd, &info, &len) ||
	    !strncmp(info.name, PASS_NAME, sizeof(info.name))) {
		close(fd);
		return;
	}
	s->prog.fd = fd;
	if (xtbpf_load_info(&s->prog))
		e->stale = true;
}

void slots_adopt(struct xtbpf_enforce *e)
{
	unsigned int now = *e->gen & 1;

	for (int map = 0; map < NSLOT_MAP; map++) {
		for (uint32_t i = 0; i < XTBPF_NSLOT; i++) {
			struct slot *s = &e->slots[map][i];

			for (unsigned int parity = 0; parity < 2; parity++) {
				uint32_t index = i * 2 + parity, id = 0;

				/* a lookup gives the id (bpf_fd_array_map_lookup_elem) */
				if (bpf_map_lookup_elem(e->slots_fd[map], &index, &id) == 0)
					s->held[parity] = id;
			}
			if (s->held[now])
				adopt_prog(e, s, s->held[now]);
		}
	}
}
