/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file server.h
 * The table server: what ip_tables.c and ip6_tables.c do with a socket option,
 * done for the tables of a struct xtbpf_ns. xtbpf_serve() is in request.h.
 */
#ifndef XTBPF_SERVER_H
#define XTBPF_SERVER_H

#include "ns.h"

/**
 * At start: take up every namespace that has state on disk or pins. Those that
 * nobody uses any more are cleaned away. Returns 0 or a negative errno; what
 * cannot be restored is logged and left as it is in the kernel.
 */
int xtbpf_restore_all(void);

/** Before exit: close everything, leave in force what is in force. */
void xtbpf_shutdown(void);

/** Free the tables of ns and what is remembered about it (for xtbpf_ns_drop; not the enforcement). */
void xtbpf_tables_release(struct xtbpf_ns *ns);

#endif
