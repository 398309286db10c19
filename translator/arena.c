// SPDX-License-Identifier: LGPL-2.1-or-later
/* A list of zeroed chunks, filled from the front. */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define CHUNK_SIZE ((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	size_t size, used;
	alignas(max_align_t) unsigned char data[];
};

struct xtbpf_arena {
	struct chunk *chunks; /* the one being filled first */
};

struct xtbpf_arena *xtbpf_arena_new(void)
{
	return calloc(1, sizeof(struct xtbpf_arena));
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *c = calloc(1, sizeof(*c) + size);

	if (c)
		c->size = size;
	return c;
}

/* A big object gets a chunk of its own behind the one being filled. */
static void *alloc_big(struct xtbpf_arena *arena, size_t size)
{
	struct chunk *c = chunk_new(size);

	if (!c)
		return NULL;
	c->used = size;
	if (arena->chunks) {
		c->next = arena->chunks->next;
		arena->chunks->next = c;
	} else {
		arena->chunks = c;
	}
	return c->data;
}

void *xtbpf_arena_alloc(struct xtbpf_arena *arena, size_t n, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct chunk *c = arena->chunks;
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		return NULL;
	bytes = bytes ? (bytes + align - 1) / align * align : align;
	if (bytes > CHUNK_SIZE / 4)
		return alloc_big(arena, bytes);
	if (!c || c->size - c->used < bytes) {
		c = chunk_new(CHUNK_SIZE);
		if (!c)
			return NULL;
		c->next = arena->chunks;
		arena->chunks = c;
	}
	c->used += bytes;
	return c->data + c->used - bytes;
}

void xtbpf_arena_free(struct xtbpf_arena *arena)
{
	struct chunk *c, *next;

	if (!arena)
		return;
	for (c = arena->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(arena);
}
