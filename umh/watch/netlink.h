/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file netlink.h
 * Dumps over libmnl. A socket belongs to the namespace it was opened in, so
 * dumps need no entering.
 */
#ifndef XTBPF_WATCH_NETLINK_H
#define XTBPF_WATCH_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdint.h>

/**
 * Send a dump request (type, and size bytes of body behind the header) and call
 * fn for each message of the answer. 0 or a negative errno; -EINTR when the
 * answer is inconsistent because something changed meanwhile.
 */
int nl_dump(struct mnl_socket *nl, uint16_t type, const void *body, size_t size, mnl_cb_t fn,
	    void *arg);

/** A bound socket in the calling thread's namespace; NULL: errno. */
struct mnl_socket *nl_open(int bus);

#endif
