/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file env_maps.h
 * The maps of env.h, for programs that read them. The loader puts the
 * namespace's maps in their place; sizes here must be the same as there.
 */
#ifndef XTBPF_ENV_MAPS_H
#define XTBPF_ENV_MAPS_H

#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "env.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct xtbpf_dev);
} env_dev SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct xtbpf_lpm4);
	__type(value, __u32);
} env_local4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct xtbpf_lpm6);
	__type(value, __u32);
} env_local6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, XTBPF_NSTAT);
	__type(key, __u32);
	__type(value, __u64);
} env_stat SEC(".maps");

#define XTBPF_RT_NONE 0

static __always_inline __u32 env_route4(__u32 addr)
{
	struct xtbpf_lpm4 key = { 32, addr };
	__u32 *type = bpf_map_lookup_elem(&env_local4, &key);

	return type ? *type : XTBPF_RT_NONE;
}

static __always_inline __u32 env_route6(const __u32 *addr)
{
	struct xtbpf_lpm6 key = { 128, { addr[0], addr[1], addr[2], addr[3] } };
	__u32 *type = bpf_map_lookup_elem(&env_local6, &key);

	return type ? *type : XTBPF_RT_NONE;
}

/* Of an IPv4 header without options. */
static __always_inline int header_sum_good(const struct iphdr *ip)
{
	const __u16 *word = (const void *)ip;
	__u32 sum = 0;

	for (int i = 0; i < 10; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* Address classes that routing treats apart (include/linux/in.h). */
static __always_inline int is_loopback4(__u32 addr)
{
	return (addr & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
}

static __always_inline int is_zeronet4(__u32 addr)
{
	return (addr & bpf_htonl(0xff000000)) == 0;
}

static __always_inline int is_multicast4(__u32 addr)
{
	return (addr & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000);
}

static __always_inline int is_broadcast4(__u32 addr)
{
	return addr == 0xffffffff;
}

static __always_inline int is_multicast6(const __u32 *addr)
{
	return (addr[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000);
}

static __always_inline int is_linklocal6(const __u32 *addr)
{
	return (addr[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000);
}

/* ::/80: unspecified, loopback, IPv4-compatible and IPv4-mapped addresses */
static __always_inline int is_special6(const __u32 *addr)
{
	return !addr[0] && !addr[1] && (addr[2] & bpf_htonl(0xffff0000)) == 0;
}

#endif
