/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file facts.h
 * What a namespace looks like at one moment.
 */
#ifndef XTBPF_WATCH_FACTS_H
#define XTBPF_WATCH_FACTS_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xtbpf/table.h>

/**
 * struct device
 * @kind: IFLA_INFO_KIND ("veth", "bridge"...), "" for most hardware
 * @port: a bridge port, bond slave...: the IP stack never sees packets from it as its own
 * @early: frames that arrive here take the plain way into the IP stack
 * @shared: another device takes frames with the same address from this one (ipvlan, macvlan)
 * @vlans: VLAN devices are above it
 * @xdp_id: the XDP program on it, 0: none
 */
struct device {
	int ifindex;
	char name[16];
	char kind[16];
	uint8_t mac[6];
	bool ether;
	bool loopback;
	bool up;
	bool port;
	bool early;
	bool shared;
	bool vlans;
	bool forward4;
	bool disabled6;
	uint8_t rp_filter;
	uint32_t xdp_id;
};

/* One entry of env_local4 or env_local6. */
struct local {
	uint8_t addr[16];
	uint8_t len;
	uint8_t value; /* XTBPF_RT_* */
};

struct locals {
	struct local *v;
	size_t n;
	bool prefixes; /* some local prefix is shorter than an address: unicast routes may cut it */
};

struct devices {
	struct device *v;
	size_t n;
};

/* The sockets of one namespace; NULL where the kernel lacks the bus. */
struct buses {
	struct mnl_socket *route;
	struct mnl_socket *netfilter;
	struct mnl_socket *xfrm;
};

/** Open them in the calling thread's namespace; -errno when rtnetlink is not to be had. */
int buses_open(struct buses *b);
void buses_close(struct buses *b);

/* devices.c, routes.c: *out is the caller's to free (free(out->v)). */
int facts_devices(struct buses *b, struct devices *out);
int facts_locals(struct buses *b, enum xtbpf_family family, struct locals *out);
/** Of what the kernel says about one route: may it change env_local? */
bool facts_route_matters(const struct nlmsghdr *nlh, const struct locals *now);

/**
 * struct rest - what else early drop depends on (rest.c)
 * @why: by family, why there may be no early drop at all; "" when it may
 */
struct rest {
	char why[XTBPF_NFAMILY][128];
	uint8_t rp_filter_all;
	bool forward6;
	bool bridge_netfilter;
};

/** The thread must be in the namespace. */
void facts_rest(struct buses *b, struct rest *out);
/** Filters on a device's clsact ingress; 0 also when there is no clsact. */
int facts_filters(struct buses *b, int ifindex);

#endif
