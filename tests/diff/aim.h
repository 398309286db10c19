/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets aimed at rules: for each rule a packet that takes the way to its
 * chain and matches, or misses by one in one field; and strange ones.
 */
#ifndef DIFF_AIM_H
#define DIFF_AIM_H

#include "tests/diff/packet.h"
#include "tests/diff/rng.h"
#include "tests/diff/rules.h"
#include "tests/diff/topo.h"
#include "tests/diff/train.h"

struct aimed {
	struct pkt_spec spec;
	enum inject how;
	int rule; /* aimed at, -1: random */
	int hook;
};

/**
 * struct aim - a packet maker for one table
 * @conf: topology the packets are for (addresses of the box, device names)
 * @strange: percentage of packets that are not plain (fragments, options, cut, ...)
 * @train, @ntrain: fragments still to be sent, the next one last
 * @parent: [hook][chain]: rule that leads there, -1 not reached, -2 the base chain
 */
struct aim {
	const struct r_table *t;
	const struct topo_conf *conf;
	struct rng rng;
	unsigned int strange;
	int *parent[5];
	unsigned int next;
	struct pkt_spec train[TRAIN_MAX];
	unsigned int ntrain;
	struct aimed last; /* what the train is of */
};

/** Choose device names and addresses of the box so that the table's rules can match. */
void aim_conf(const struct r_table *t, struct topo_conf *out);
/** 0 or -ENOMEM. t and conf must outlive *out. */
int aim_init(const struct r_table *t, const struct topo_conf *conf, uint64_t seed, struct aim *out);
void aim_free(struct aim *a);
void aim_next(struct aim *a, struct aimed *out);

#endif
