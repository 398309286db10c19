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

/* A routing header of up to two addresses. Type 253, with no segments left, is skipped. */
static size_t build_routing(uint8_t *h, unsigned int form)
{
	static const uint8_t types[] = { 253, 0, 4, 2 };
	unsigned int n = form >> 2 & 3;

	n = n > 2 ? 2 : n;
	h[1] = (uint8_t)(2 * n);
	h[2] = types[form & 3];
	h[3] = (uint8_t)(form >> 4 & 1 && n);
	h[4] = (uint8_t)(h[2] == 4 && n ? n - 1 : form >> 5 & 1);
	for (unsigned int i = 0; i < n; i++)
		memcpy(h + 8 + 16 * i, "\x20\x01\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	return 8 + 16 * n;
}

/* Options that everybody lets pass: padding, and one unknown to be skipped. */
static size_t build_options(uint8_t *h, unsigned int form)
{
	size_t n = form >> 2 & 1 ? 16 : 8;

	h[1] = (uint8_t)(n / 8 - 1);
	switch (form & 3) {
	case 0: /* PadN over all */
		h[2] = 1;
		h[3] = (uint8_t)(n - 4);
		break;
	case 1: /* Pad1 over all */
		break;
	case 2: /* the unknown, then PadN */
		h[2] = 0x1e;
		h[3] = 2;
		h[6] = n == 8 ? 0 : 1;
		h[7] = (uint8_t)(n == 8 ? 0 : n - 8);
		break;
	default:
		h[2] = 0x1e;
		h[3] = (uint8_t)(n - 4);
	}
	return n;
}

static size_t build_auth(uint8_t *h, unsigned int form)
{
	h[1] = form & 1 ? 2 : 4;
	h[3] = (uint8_t)(form >> 1 & 1);
	h[7] = (uint8_t)(form >> 2 & 3);
	return (h[1] + 2u) * 4;
}

/* IPv6 extension headers; returns their total length. */
static size_t build_ext(const struct pkt_spec *s, uint8_t *h, uint8_t *first)
{
	uint8_t *next = first;
	size_t n = 0;

	for (int i = 0; i < PKT_MAX_EXT; i++) {
		if (s->ext[i] == 0xff)
			continue;
		*next = s->ext[i];
		next = h + n;
		if (s->ext[i] == IPPROTO_ROUTING)
			n += build_routing(h + n, s->ext_form);
		else if (s->ext[i] == IPPROTO_AH)
			n += build_auth(h + n, s->ext_form);
		else
			n += build_options(h + n, s->ext_form);
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
	if (hlen > 20 && s->ip_opt_kind) {
		b[20] = s->ip_opt_kind;
		b[21] = (uint8_t)(hlen - 21);
		memset(b + 22, 0, hlen - 22);
		/*
		 * Router alert holds a value, the others a pointer to their first free place.
		 * Timestamps are full already: the time would make two sides differ.
		 */
		if (s->ip_opt_kind == 148)
			b[21] = 4;
		else
			b[22] = (uint8_t)(s->ip_opt_kind == 68 ? b[21] + 1 : 4);
	}
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
	size_t n, sum_at, h, ext = 0, from = 0;

	if (t.payload > 1300)
		t.payload = 1300;
	memset(out, 0, sizeof(*out));
	n = build_l4(&t, l4, &sum_at);
	/* a fragment's checksum covers what we do not have: leave what it is */
	if (sum_at)
		put16(l4 + sum_at, (uint16_t)(l4_sum(&t, l4, n) + t.bad_l4_sum));
	if (t.cut && t.cut < n)
		n = t.cut;
	if (t.slice) {
		from = t.frag_off * 8u < sizeof(l4) ? t.frag_off * 8u : sizeof(l4);
		n = from + t.slice < sizeof(l4) ? t.slice : sizeof(l4) - from;
	}
	if (t.family == 4) {
		h = build_ip4(&t, out->b, n);
	} else {
		ext = build_ext(&t, out->b + 40, out->b + 6);
		build_ip6(&t, out->b, ext + n);
		h = 40 + ext;
	}
	if (n > PKT_MAX - h)
		n = PKT_MAX - h;
	memcpy(out->b + h, l4 + from, n);
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
	snprintf(buf, size,
		 " flags %#x opt %u doff %u%s off %u%s slice %u ipopt %u(%u) ext %d,%d(%u) cut "
		 "%u%s%s",
		 s->tcp_flags, s->tcpopt_len, s->doff, s->frag ? " frag" : "", s->frag_off,
		 s->more ? "+" : "", s->slice, s->ip_opt, s->ip_opt_kind, (int8_t)s->ext[0],
		 (int8_t)s->ext[1], s->ext_form, s->cut, s->bad_ip_sum ? " bad-ip-sum" : "",
		 s->bad_l4_sum ? " bad-l4-sum" : "");
}

void pkt_hex(const struct pkt *p, char *buf, size_t size)
{
	for (uint32_t i = 0; i < p->len && 2 * i + 2 < size; i++)
		snprintf(buf + 2 * i, 3, "%02x", p->b[i]);
}
