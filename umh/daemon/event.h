/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file event.h
 * The helper's one event loop, for whoever has sockets or timers to watch.
 */
#ifndef XTBPF_DAEMON_EVENT_H
#define XTBPF_DAEMON_EVENT_H

#include <systemd/sd-event.h>

/** The loop (borrowed); made at its first use. NULL: no memory. */
sd_event *xtbpf_event(void);

#endif
