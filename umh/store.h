/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file store.h
 * What must survive the helper beside the pins: the blobs of each generation,
 * under <rundir>/ns/<inode>/<generation>/. A generation's directory is complete
 * (fsync is not needed, /run is memory) before the generation cell names it.
 */
#ifndef XTBPF_STORE_H
#define XTBPF_STORE_H

#include "ns.h"

/** Write all tables of ns as generation gen, `repl` in place of its table (may be NULL). */
int xtbpf_store_save(const struct xtbpf_ns *ns, uint32_t gen, const struct xtbpf_blob *repl);
/** Load generation gen into fresh blobs; *out[family][table].entries NULL where absent. */
int xtbpf_store_load(uint64_t ino, uint32_t gen, struct xtbpf_blob out[XTBPF_NFAMILY][XTBPF_NTABLE],
		     unsigned int seq[XTBPF_NFAMILY][XTBPF_NTABLE]);
/** Remove every generation but gen. */
void xtbpf_store_prune(uint64_t ino, uint32_t gen);
void xtbpf_store_remove(uint64_t ino);
/** Call fn for each namespace that has state. */
int xtbpf_store_each(int (*fn)(uint64_t ino, void *arg), void *arg);

#endif
