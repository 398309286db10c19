/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/**
 * @file env.h
 * Per-namespace facts that early drop and TC decisions need, as maps the helper
 * fills from rtnetlink. Layouts shared by BPF C (readers) and umh (writer).
 */
#ifndef XTBPF_ENV_H
#define XTBPF_ENV_H

#include "key.h"

/* map "env_dev": HASH, key u32 ifindex */
struct xtbpf_dev {
	xt_u64 name[2]; /* zero padded */
	xt_u8 mac[6];
	xt_u8 flags;	 /* XTBPF_DEV_* */
	xt_u8 rp_filter; /* effective: max(all, dev); IPv4 only */
};
#define XTBPF_DEV_EARLY4 0x01 /* early drop may judge IPv4 packets that arrive here */
#define XTBPF_DEV_EARLY6 0x02
#define XTBPF_DEV_FWD4 0x04 /* forwarding is on for packets that arrive here */
#define XTBPF_DEV_FWD6 0x08
#define XTBPF_DEV_ETHER 0x10 /* frames start with an Ethernet header */

/*
 * map "env_local4", "env_local6": LPM_TRIE, what the local, main and default
 * tables hold beside unicast routes. value u32: one of
 */
#define XTBPF_RT_LOCAL 2 /* exactly ours: /32 or /128, or a prefix nothing cuts */
#define XTBPF_RT_BROADCAST 3
#define XTBPF_RT_ASK 9 /* anything else: let the kernel decide */
struct xtbpf_lpm4 {
	xt_u32 len;
	xt_u32 addr;
};
struct xtbpf_lpm6 {
	xt_u32 len;
	xt_u32 addr[4];
};

/* map "env_clock": ARRAY of one; what the kernel's clock differs in from TAI */
struct xtbpf_clock {
	long long tai_offset; /* seconds TAI is ahead of UTC, as the kernel has it */
	int minutes_west;     /* the kernel's time zone */
	int pad;
};

/* map "env_stat": PERCPU_ARRAY, value u64 */
enum xtbpf_env_stat {
	XTBPF_STAT_XDP_DROP,
	XTBPF_STAT_TC_DROP,
	XTBPF_NSTAT = 8,
};

#endif
