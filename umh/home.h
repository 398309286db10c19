/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file home.h
 * A helper outlives the command that needed it and serves everybody, so it must not
 * live in that command's namespaces: under `ip netns exec` /sys is another mount,
 * where the pinned programs of the rules in force are not to be seen, and the network
 * namespace would be kept alive by it.
 */
#ifndef XTBPF_HOME_H
#define XTBPF_HOME_H

/** Find out, once. For who may start a helper later, when its ancestors are gone. */
void xtbpf_home_find(void);
/** Go there: the mount namespace only if the run directory is the same one. */
void xtbpf_home_go(void);

#endif
