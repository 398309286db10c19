/* SPDX-License-Identifier: GPL-2.0-only */
/* A datagram in fragments, as they come: in order or not, overlapping, tiny, some missing. */
#ifndef DIFF_TRAIN_H
#define DIFF_TRAIN_H

#include "tests/diff/packet.h"
#include "tests/diff/rng.h"

#define TRAIN_MAX 12

/** Fragments of whole in the order to send them; returns how many. */
unsigned int train_make(struct rng *rng, const struct pkt_spec *whole,
			struct pkt_spec out[TRAIN_MAX]);

#endif
