/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file ns.h
 * Network namespaces we serve. Each is known by the inode of its nsfs file,
 * which stays unique as long as we (or our pinned links) hold it.
 */
#ifndef XTBPF_NS_H
#define XTBPF_NS_H

#include "request.h"

struct xtbpf_enforce;

/**
 * struct xtbpf_table - one table of one family in a namespace (owned by umh/server.c)
 * @blob: the truth that GET_ENTRIES returns
 * @rs: borrowed entries of @blob; freed before it
 * @seq: order of instantiation (for the names file)
 */
struct xtbpf_table {
	struct xtbpf_blob blob;
	struct xtbpf_ruleset *rs;
	unsigned int seq;
};

/**
 * struct xtbpf_ns
 * @fd: nsfs file, ours
 * @enforce: what is attached there; NULL until the first table
 * @misses: how often in a row nobody else was found to use it
 * @why: the last refusal, for `xtbpf why`
 */
struct xtbpf_ns {
	struct xtbpf_ns *next;
	int fd;
	uint64_t ino;
	struct xtbpf_enforce *enforce;
	struct xtbpf_table *tables[XTBPF_NFAMILY][XTBPF_NTABLE];
	unsigned int ntables;
	unsigned int misses;
	struct xtbpf_reason why;
	char *why_text; /* the message the user got, owned */
};

/**
 * The namespace behind an nsfs fd (borrowed; duplicated when it is new).
 * 0, -EINVAL when fd is no network namespace, -ENOMEM, -EMFILE.
 */
int xtbpf_ns_get(int netns_fd, struct xtbpf_ns **out);

/** Walk all: for (ns = xtbpf_ns_first(); ns; ns = ns->next). */
struct xtbpf_ns *xtbpf_ns_first(void);

/** Forget ns: its tables, attachments, pins and state files. */
void xtbpf_ns_drop(struct xtbpf_ns *ns);

/**
 * Is the namespace with this inode still held by anybody else than us: a task,
 * an nsfs mount in any mount namespace, an open fd? Returns an nsfs fd of it,
 * or -ENOENT.
 */
int xtbpf_ns_find_user(uint64_t ino);

/**
 * Run fn(arg) with this thread in the network namespace fd, and come back.
 * Returns fn's value or a negative errno. Coming back cannot fail quietly: it aborts.
 */
int xtbpf_ns_enter(int fd, int (*fn)(void *arg), void *arg);

#endif
