/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One side of the comparison: client - box - server, three anonymous network
 * namespaces. The outer two only send and count frames (no addresses, so that
 * they never answer); the box is a router with static neighbours, no ICMP rate
 * limits, and nothing that talks by itself.
 */
#ifndef DIFF_TOPO_H
#define DIFF_TOPO_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/diff/packet.h"

/* Frames that came out of the box at one end. */
struct arrivals {
	uint64_t packets, bytes, hash;
};

enum inject { FROM_CLIENT, FROM_SERVER, FROM_BOX };

#define TOPO_LOCALS 24

/**
 * struct topo_conf - what both sides share
 * @dev: names of the box's device towards client and server
 * @local, @nlocal: further addresses of the box (4 or 16 bytes used)
 */
struct topo_conf {
	int family;
	char dev[2][IFNAMSIZ];
	uint8_t local[TOPO_LOCALS][16];
	unsigned int nlocal;
};

struct topo {
	int family;
	int ns[2], box; /* ns: client, server */
	int sock[2];	/* packet sockets on the outer devices */
	int ifindex[2];
	int raw; /* raw socket in the box */
	struct arrivals got[2];
};

extern const uint8_t topo_own[2][2][16]; /* [family 4, 6][towards client, server] */

/** Devices c0 and s0; local[] holds the box's own two addresses. */
void topo_conf_init(struct topo_conf *c, int family);
/** 0 or a negative errno; prints what failed. */
int topo_make(const struct topo_conf *c, struct topo *out);
void topo_close(struct topo *t);
/** Put one packet in; the errno the sender saw (0: none). */
int topo_send(struct topo *t, enum inject how, const struct pkt *p);
/** Count what has arrived outside so far. */
void topo_drain(struct topo *t);
/** Wait until nothing has moved for a while. */
void topo_settle(struct topo *t);

#endif
