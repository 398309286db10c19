/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file watch.h
 * What goes on in a namespace: its devices, addresses, routes and rules, as far
 * as gates and early drop depend on them. A watch sleeps until something is
 * attached to devices (watch_wake); until then events only cost reading them.
 */
#ifndef XTBPF_WATCH_H
#define XTBPF_WATCH_H

#include "../enforce.h"
#include "facts.h"

struct xtbpf_watch;

int watch_open(struct xtbpf_enforce *e, struct xtbpf_watch **out);
void watch_close(struct xtbpf_watch *w);

/** From now on keep the env maps right; fills them once. 0 or a negative errno. */
int watch_wake(struct xtbpf_watch *w);
bool watch_awake(const struct xtbpf_watch *w);
/** The devices there are (borrowed; until the next event). */
const struct devices *watch_devices(const struct xtbpf_watch *w);
/** Of early drop: "active", or why not. */
const char *watch_state(const struct xtbpf_watch *w, enum xtbpf_family family);
/** Every other second: what comes without an event. */
void watch_tick(struct xtbpf_watch *w);

/** life.c: start the timer that lets go of namespaces nobody else is in. */
int life_start(void);

#endif
