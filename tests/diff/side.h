/* SPDX-License-Identifier: GPL-2.0-only */
/* A topology with somebody's rules in its box: the kernel's ip_tables or xtbpf. */
#ifndef DIFF_SIDE_H
#define DIFF_SIDE_H

#include <stdbool.h>
#include <sys/types.h>

#include "tests/diff/proc.h"
#include "tests/diff/topo.h"

/**
 * struct helper - a private xtbpfd
 * @bin: directory of xtbpf and xtbpfd
 * @dir: temporary directory, holds the run directory and a bpffs of our own
 */
struct helper {
	char bin[256];
	char dir[64];
	char attach[16], early[16];
	pid_t pid;
};

/** A temporary directory, a private mount namespace with its own bpffs; sets XTBPF_* for children. */
int helper_prepare(struct helper *h);
/** Start xtbpfd and wait until its socket is there. 0 or -errno. */
int helper_start(struct helper *h);
/**
 * Send sig to whoever answers at our socket (the helper we started, or one that
 * `xtbpf run` started in its place) and wait until it is gone.
 */
void helper_stop(struct helper *h, int sig);
/** The pid behind our socket, 0 when nobody answers. */
pid_t helper_pid(const struct helper *h);
/** Stop it and remove everything. */
void helper_remove(struct helper *h);

/**
 * struct side
 * @by: NULL: the kernel's ip_tables; else served by this helper
 */
struct side {
	const char *name;
	struct helper *by;
	struct topo topo;
};

/**
 * Run an iptables client, e.g. "iptables-legacy-save", in the side's box under
 * `xtbpf run` if need be. args: NULL terminated, without the program.
 */
void side_client(struct side *s, const char *prog, char *const args[], const char *input,
		 struct run *out);
/** "iptables-legacy" or "ip6tables-legacy" + suffix, in static memory. */
const char *client_name(int family, const char *suffix);
/** save output with (or without) counters, malloc'ed; table NULL: all. */
char *side_save(struct side *s, bool counters, const char *table);
/** True when the kernel's own ip_tables in this box has no table at all. */
bool side_kernel_empty(struct side *s);

#endif
