/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/**
 * @file key.h
 * The packet key: everything that predicates look at, filled once per packet
 * by a hook's parser (BPF C) and read by the generated chains. Shared between
 * BPF C and the emitter, so fixed-size types only; no pointers, because chains
 * are global functions and take the key as plain memory.
 */
#ifndef XTBPF_KEY_H
#define XTBPF_KEY_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t xt_u8;
typedef uint16_t xt_u16;
typedef uint32_t xt_u32;
typedef uint64_t xt_u64;
#else
typedef unsigned char xt_u8;
typedef unsigned short xt_u16;
typedef unsigned int xt_u32;
typedef unsigned long long xt_u64;
#endif

/* key.l4: what is wrong with the transport header; 0 for nearly every packet */
#define XTBPF_L4_FRAG 0x01   /* fragment offset != 0 */
#define XTBPF_L4_FRAG1 0x02  /* fragment offset == 1 (8 bytes) */
#define XTBPF_L4_SHORT4 0x04 /* fewer than 4 bytes there */
#define XTBPF_L4_SHORT8 0x08
#define XTBPF_L4_SHORT20 0x10
#define XTBPF_L4_NONE_DROP 0x20 /* IPv6: no transport header, hotdrop for rules with -p */
#define XTBPF_L4_NONE_MISS 0x40 /* IPv6: no transport header, no match for rules with -p */
#define XTBPF_L4_BADOPT 0x80	/* TCP: data offset < 5 or options cut short */

struct xtbpf_key {
	xt_u32 saddr[4]; /*   0 network order; IPv4 in [0] */
	xt_u32 daddr[4]; /*  16 */
	xt_u64 in[2];	 /*     32 device names */
	xt_u64 out[2];	 /*    48 */
	xt_u32 len;	 /*       64 bytes to count: the datagram */
	xt_u16 proto;	 /*     68 */
	xt_u16 sport;	 /*     70 host order */
	xt_u16 dport;	 /*     72 host order */
	xt_u16 icmp;	 /*      74 type << 8 | code */
	xt_u8 tcp_flags; /*  76 */
	xt_u8 l4;	 /*         77 XTBPF_L4_* */
	xt_u8 frag;	 /*       78 1: fragment offset != 0 */
	xt_u8 pad;	 /*        79 always 0 */
	/* From here on, filled only on demand (XTBPF_PARSE_*). */
	xt_u32 tcpopt[8]; /* 80 bit n: TCP option n is there */
	xt_u8 head[20];	  /* 112 the first bytes at thoff, as many as there are */
	xt_u32 iplen;	  /* 132 the datagram's length as its header says */
	xt_u8 tos;	  /* 136 traffic class in IPv6 */
	xt_u8 ttl;	  /*     137 hop limit in IPv6 */
	xt_u8 have;	  /*         138 bytes in head, also of later fragments */
	xt_u8 pkttype;	  /*         139 as -m pkttype sees it */
	xt_u8 mac[6];	  /* 140 source address of the frame */
	xt_u16 has_mac;	  /*     146 1: it has one */
	xt_u32 mss;	  /* 148 value of TCP's MSS option, or XTBPF_MSS_NONE */
	xt_u32 cpu;	  /* 152 */
	xt_u32 in_group;  /* 156 */
	xt_u32 out_group; /* 160 */
	xt_u32 thoff;	  /* 164 transport header from the IP header on */
	xt_u16 fragoff;	  /* 168 fragment offset as struct xt_action_param has it */
	xt_u16 pad2[3];	  /* 170 */
};			  /* 176 bytes */

#define XTBPF_MSS_NONE 0x10000

/* flags of a parser: what it fills beside the plain fields */
#define XTBPF_PARSE_OPTIONS 0x01 /* key.tcpopt, XTBPF_L4_BADOPT */
#define XTBPF_PARSE_IP 0x02	 /* iplen, tos, ttl */
#define XTBPF_PARSE_HEAD 0x04	 /* head, have, thoff, fragoff */
#define XTBPF_PARSE_MSS 0x08	 /* mss, XTBPF_L4_BADOPT; with XTBPF_PARSE_HEAD */
#define XTBPF_PARSE_LINK 0x10	 /* mac, has_mac, pkttype */
#define XTBPF_PARSE_GROUP 0x20	 /* in_group, out_group: only at netfilter hooks */
#define XTBPF_PARSE_CPU 0x40	 /* cpu: only where the packet is decided */
#define XTBPF_PARSE_DEVICES 0x80 /* in, out: elsewhere than at netfilter hooks always filled */

/* what a parser that looks at the route returns: the way the packet would take */
#define XTBPF_PATH_NONE 0 /* not for us to judge */
#define XTBPF_PATH_INPUT 1
#define XTBPF_PATH_FORWARD 2
#define XTBPF_PATH_OUTPUT 3

/* What a generated chain returns. */
#define XTBPF_R_CONTINUE 0
#define XTBPF_R_DROP 1
#define XTBPF_R_ACCEPT 2
#define XTBPF_R_UNKNOWN 3 /* early drop only: leave the packet to the deciding hook */

/*
 * Early drop evaluates without counting and remembers what it would have
 * counted; xtbpf_commit does it once the drop is sure.
 */
#define XTBPF_TRAIL 15
struct xtbpf_early_key {
	struct xtbpf_key key;
	xt_u32 ntrail;		   /*             176 */
	xt_u32 trail[XTBPF_TRAIL]; /* 180 table << 24 | entry */
};				   /* 240 bytes */

#endif
