/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file paths.h
 * Where things live. Overridden by the environment for tests:
 * XTBPF_RUNDIR (default /run/xtbpf), XTBPF_BPFFS (default /sys/fs/bpf/xtbpf).
 */
#ifndef XTBPF_PATHS_H
#define XTBPF_PATHS_H

const char *xtbpf_rundir(void);
const char *xtbpf_bpffs(void);
/** <rundir>/xtbpfd.sock */
const char *xtbpf_socket_path(void);

#endif
