/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets as a list of layers: fill a struct pkt_spec, build the datagram.
 * Everything that can be wrong with a packet is a field here, so that a packet
 * that ever differed can be written down as an initialiser.
 */
#ifndef DIFF_PACKET_H
#define DIFF_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PKT_MAX 1500
#define PKT_MAX_EXT 4

/**
 * struct pkt_spec - one datagram
 * @family: 4 or 6
 * @proto: upper protocol; TCP, UDP, ICMP and ICMPv6 get a header, others plain payload
 * @sport, @dport: TCP, UDP (and the first bytes of any other protocol)
 * @tcpopt, @tcpopt_len: options, padded to words with EOL
 * @doff: TCP data offset if it is to lie (0: right)
 * @ip_opt: words of IPv4 options
 * @ip_opt_kind: 0: NOPs and an EOL; else an option of this number over all of them
 * @frag, @frag_off, @more: is a fragment (IPv6: has a fragment header); offset in 8 bytes
 * @slice: bytes of the transport layer from frag_off * 8 on (0: from its start, all)
 * @ext: IPv6 extension headers in order: 0, 43, 51, 60; 0xff: unused
 * @ext_form: what is in them: lengths, types and options differ by it
 * @payload: bytes behind the transport header
 * @cut: keep only so many bytes of the transport layer, with a right total length (0: all)
 * @bad_ip_sum, @bad_l4_sum: checksum off by one
 */
struct pkt_spec {
	int family;
	uint8_t saddr[16], daddr[16];
	uint8_t proto, ttl, tos;
	uint16_t sport, dport;
	uint8_t tcp_flags;
	uint8_t tcpopt[40];
	uint8_t tcpopt_len, doff;
	uint8_t icmp_type, icmp_code;
	uint8_t ip_opt, ip_opt_kind;
	bool frag, more;
	uint16_t frag_off, slice;
	uint32_t id;
	uint8_t ext[PKT_MAX_EXT];
	uint8_t ext_form;
	uint16_t payload;
	uint16_t cut;
	bool bad_ip_sum, bad_l4_sum;
};

struct pkt {
	uint8_t b[PKT_MAX];
	uint32_t len;
};

/** All fields usable, addresses zero: a UDP datagram with 8 bytes. */
void pkt_init(struct pkt_spec *s, int family);
/** Lay out s. Always succeeds: what does not fit into PKT_MAX is cut. */
void pkt_build(const struct pkt_spec *s, struct pkt *out);
/** A line for people. */
void pkt_describe(const struct pkt_spec *s, char *buf, size_t size);
/** Nothing special about it: whole, unfragmented, no options, right checksums. */
bool pkt_plain(const struct pkt_spec *s);
/** bytes as hex, for a report. */
void pkt_hex(const struct pkt *p, char *buf, size_t size);

#endif
