/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file clock_now.h
 * The time. BPF knows TAI; the helper keeps how far UTC is from it, and the
 * kernel's time zone.
 */
#ifndef XTBPF_CLOCK_NOW_H
#define XTBPF_CLOCK_NOW_H

#include "env.h"

#define NANO 1000000000

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xtbpf_clock);
} env_clock SEC(".maps");

static __always_inline __s64 clock_now(int local)
{
	__u32 zero = 0;
	const struct xtbpf_clock *c = bpf_map_lookup_elem(&env_clock, &zero);
	__s64 now = (__s64)(bpf_ktime_get_tai_ns() / NANO);

	if (!c)
		return now;
	now -= c->tai_offset;
	return local ? now - 60 * (__s64)c->minutes_west : now;
}

#endif
