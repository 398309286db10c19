/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/diff/packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void pkt_init(struct pkt_spec *s, int family)
{
	memset(s, 0, sizeof(*s));
	s->family = family;
	s->proto = IPPROTO_UDP;
	s->ttl = 64;
	s->payload = 8;
	memset(s->ext, 0xff, sizeof(s->ext));
}

static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (n & 1)
		sum += (uint32_t)p[n - 1] << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static uint16_t l4_sum(const struct pkt_spec *s, const uint8_t *l4, size_t n)
{
	size_t alen = s->family == 4 ? 4 : 16;
	uint32_t sum = 0;

	if (s->proto != IPPROTO_ICMP) {
		sum = sum_add(sum, s->saddr, alen);
		sum = sum_add(sum, s->daddr, alen);
		sum += s->proto + (uint32_t)n;
	}
	return sum_fold(sum_add(sum, l4, n));
}

/* The transport layer into l4; returns its length and where its checksum is (0: nowhere). */
static size_t build_l4(const struct pkt_spec *s, uint8_t *l4, size_t *sum_at)
{
	size_t hlen = 0, opt = (s->tcpopt_len + 3u) & ~3u;

	*sum_at = 0;
	put16(l4, s->sport);
	put16(l4 + 2, s->dport);
	switch (s->proto) {
	case IPPROTO_TCP:
		if (opt > 40)
			opt = 40;
		hlen = 20 + opt;
		put32(l4 + 4, s->id * 2654435761u);
		l4[12] = (uint8_t)((s->doff ? s->doff : hlen / 4) << 4);
		l4[13] = s->tcp_flags;
		put16(l4 + 14, 1024);
		memcpy(l4 + 20, s->tcpopt, s->tcpopt_len > 40 ? 40 : s->tcpopt_len);
		*sum_at = 16;
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		hlen = 8;
		put16(l4 + 4, (uint16_t)(8 + s->payload));
		*sum_at = 6;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		hlen = 8;
		l4[0] = s->icmp_type;
		l4[1] = s->icmp_code;
		put16(l4 + 4, (uint16_t)s->id);
		*sum_at = 2;
		break;
	default:
		hlen = 4;
	}
	for (size_t i = 0; i < s->payload; i++)
		l4[hlen + i] = (uint8_t)(i + s->id);
	return hlen + s->payload;
}

/* IPv6 extension headers of 8 bytes each; returns their total length. */
static size_t build_ext(const struct pkt_spec *s, uint8_t *h, uint8_t *first)
{
	uint8_t *next = first;
	size_t n = 0;

	for (int i = 0; i < PKT_MAX_EXT; i++) {
		if (s->ext[i] == 0xff)
			continue;
		*next = s->ext[i];
		next = h + n;
		if (s->ext[i] == IPPROTO_ROUTING) {
			h[n + 2] = 253; /* an experimental type with no segments left: skipped */
		} else {
			h[n + 2] = 1; /* PadN over the rest */
			h[n + 3] = 4;
		}
		n += 8;
	}
	if (s->frag) {
		*next = IPPROTO_FRAGMENT;
		next = h + n;
		put16(h + n + 2, (uint16_t)(s->frag_off << 3 | s->more));
		put32(h + n + 4, s->id);
		n += 8;
	}
	*next = s->proto;
	return n;
}

static size_t build_ip4(const struct pkt_spec *s, uint8_t *b, size_t l4len)
{
	size_t hlen = 20 + (s->ip_opt > 10 ? 10 : s->ip_opt) * 4u;
	uint16_t sum;

	b[0] = (uint8_t)(0x40 | hlen / 4);
	b[1] = s->tos;
	put16(b + 2, (uint16_t)(hlen + l4len));
	put16(b + 4, (uint16_t)(s->id ? s->id : 1));
	if (s->frag)
		put16(b + 6, (uint16_t)((s->frag_off & 0x1fff) | (s->more ? 0x2000 : 0)));
	b[8] = s->ttl;
	b[9] = s->proto;
	memcpy(b + 12, s->saddr, 4);
	memcpy(b + 16, s->daddr, 4);
	memset(b + 20, 1, hlen - 20);
	if (hlen > 20)
		b[hlen - 1] = 0;
	sum = sum_fold(sum_add(0, b, hlen));
	put16(b + 10, (uint16_t)(sum + s->bad_ip_sum));
	return hlen;
}

static void build_ip6(const struct pkt_spec *s, uint8_t *b, size_t len)
{
	b[0] = (uint8_t)(0x60 | s->tos >> 4);
	b[1] = (uint8_t)(s->tos << 4);
	put16(b + 4, (uint16_t)len);
	b[7] = s->ttl;
	memcpy(b + 8, s->saddr, 16);
	memcpy(b + 24, s->daddr, 16);
}

void pkt_build(const struct pkt_spec *s, struct pkt *out)
{
	uint8_t l4[4096] = { 0 };
	struct pkt_spec t = *s;
	size_t n, sum_at, h, ext = 0;

	if (t.payload > 1300)
		t.payload = 1300;
	memset(out, 0, sizeof(*out));
	n = build_l4(&t, l4, &sum_at);
	/* a fragment's checksum covers what we do not have: leave what it is */
	if (sum_at)
		put16(l4 + sum_at, (uint16_t)(l4_sum(&t, l4, n) + t.bad_l4_sum));
	if (t.cut && t.cut < n)
		n = t.cut;
	if (t.family == 4) {
		h = build_ip4(&t, out->b, n);
	} else {
		ext = build_ext(&t, out->b + 40, out->b + 6);
		build_ip6(&t, out->b, ext + n);
		h = 40 + ext;
	}
	memcpy(out->b + h, l4, n);
	out->len = (uint32_t)(h + n);
}

bool pkt_plain(const struct pkt_spec *s)
{
	bool ext = false;

	for (int i = 0; i < PKT_MAX_EXT; i++)
		ext |= s->ext[i] != 0xff;
	return !(s->ip_opt || s->frag || s->cut || s->doff || s->bad_ip_sum || s->bad_l4_sum ||
		 (ext && s->family == 6));
}

void pkt_describe(const struct pkt_spec *s, char *buf, size_t size)
{
	char a[INET6_ADDRSTRLEN] = "?", b[INET6_ADDRSTRLEN] = "?";
	int af = s->family == 4 ? AF_INET : AF_INET6, n;

	inet_ntop(af, s->saddr, a, sizeof(a));
	inet_ntop(af, s->daddr, b, sizeof(b));
	n = snprintf(buf, size, "%s > %s proto %u ttl %u len %u", a, b, s->proto, s->ttl,
		     s->payload);
	if (n < 0 || (size_t)n >= size)
		return;
	buf += n;
	size -= (size_t)n;
	if (s->proto == IPPROTO_ICMP || s->proto == IPPROTO_ICMPV6)
		n = snprintf(buf, size, " type %u/%u", s->icmp_type, s->icmp_code);
	else
		n = snprintf(buf, size, " port %u > %u", s->sport, s->dport);
	if (n < 0 || (size_t)n >= size)
		return;
	buf += n;
	size -= (size_t)n;
	snprintf(buf, size, " flags %#x opt %u doff %u%s off %u%s ipopt %u ext %d,%d cut %u%s%s",
		 s->tcp_flags, s->tcpopt_len, s->doff, s->frag ? " frag" : "", s->frag_off,
		 s->more ? "+" : "", s->ip_opt, (int8_t)s->ext[0], (int8_t)s->ext[1], s->cut,
		 s->bad_ip_sum ? " bad-ip-sum" : "", s->bad_l4_sum ? " bad-l4-sum" : "");
}

void pkt_hex(const struct pkt *p, char *buf, size_t size)
{
	for (uint32_t i = 0; i < p->len && 2 * i + 2 < size; i++)
		snprintf(buf + 2 * i, 3, "%02x", p->b[i]);
}
