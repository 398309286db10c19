/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file watch.h
 * What goes on in a namespace: its devices, addresses, routes and rules, as far
 * as gates and early drop depend on them.
 */
#ifndef XTBPF_WATCH_H
#define XTBPF_WATCH_H

#include "../enforce.h"

struct xtbpf_watch;

/** Start watching; fills the env maps of e once. */
int watch_open(struct xtbpf_enforce *e, struct xtbpf_watch **out);
void watch_close(struct xtbpf_watch *w);

#endif
