/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file envmaps.h
 * Facts into the maps of translator/bpf/env.h, by difference.
 */
#ifndef XTBPF_WATCH_ENVMAPS_H
#define XTBPF_WATCH_ENVMAPS_H

#include "../../translator/bpf/env.h"
#include "facts.h"

/** What a map (env_local4, env_local6) holds, sorted: after a restart it is not empty. */
int locals_load(int fd, enum xtbpf_family family, struct locals *out);
bool locals_equal(const struct locals *a, const struct locals *b);
/** Make the map hold `now` where it holds `was`. -E2BIG: more than fits. */
int locals_store(int fd, enum xtbpf_family family, const struct locals *was,
		 const struct locals *now);

/** The entry of one device, early flags included where judge allows. */
void dev_entry(const struct device *d, const struct rest *rest, bool early4, bool early6,
	       struct xtbpf_dev *out);
/** Write one entry, if it is not so already. */
int dev_store(int fd, int ifindex, const struct xtbpf_dev *dev);
/** Clear the early flags of all entries. */
int dev_withdraw(int fd);
/** Remove the entries of devices that are gone. */
int dev_prune(int fd, const struct devices *now);

#endif
