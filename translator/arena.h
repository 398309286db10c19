/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file arena.h
 * Many small objects that live and die together: what hangs on a ruleset.
 */
#ifndef XTBPF_ARENA_H
#define XTBPF_ARENA_H

#include <stddef.h>

struct xtbpf_arena;

/** NULL: no memory. */
struct xtbpf_arena *xtbpf_arena_new(void);
/** n zeroed objects of size bytes, aligned for any type; NULL: no memory. n may be 0. */
void *xtbpf_arena_alloc(struct xtbpf_arena *arena, size_t n, size_t size);
/** Frees the arena and all that came from it; NULL is fine. */
void xtbpf_arena_free(struct xtbpf_arena *arena);

#endif
