/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file load.h
 * Generated objects into the kernel: link with the runtime, put in our maps,
 * load, verify.
 */
#ifndef XTBPF_LOAD_H
#define XTBPF_LOAD_H

#include <xtbpf/translator.h>

/* A map of ours for the map of that name in the object. */
struct xtbpf_load_map {
	const char *name;
	int fd;
};

/**
 * struct xtbpf_loaded - one program in the kernel
 * @fd: owned by whoever has the struct
 * @insns: instructions after the verifier; @jited: bytes of machine code
 * @load_us: time of the load it came with (linking included)
 */
struct xtbpf_loaded {
	int fd;
	uint32_t id;
	uint32_t insns;
	uint32_t jited;
	uint32_t load_us;
};

/**
 * Load every program of obj that is not to be skipped (out[i].fd is -1 then); out[i] belongs to obj->progs[i] and must have room
 * for obj->nprogs. On failure out is untouched, nothing stays loaded, and why
 * has the verifier's last words. -ENOMEM, or what bpf() says.
 */
int xtbpf_load(const struct xtbpf_object *obj, const struct xtbpf_load_map *maps, size_t nmaps,
	       struct xtbpf_loaded *out, struct xtbpf_reason *why);

/** Load a gate ("gate_nf", "gate_xdp", "gate_tc") for a slot (translator/bpf/gate.h). Returns its fd. */
int xtbpf_load_gate(const char *name, uint32_t slot, const struct xtbpf_load_map *maps,
		    size_t nmaps, struct xtbpf_reason *why);

/** Fill id, insns and jited of out from out->fd. */
int xtbpf_load_info(struct xtbpf_loaded *out);

#endif
