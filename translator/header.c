// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ip_packet_match (net/ipv4/netfilter/ip_tables.c), ip6_packet_match
 * (net/ipv6/netfilter/ip6_tables.c) and ipv6_find_hdr (net/ipv6/exthdrs_core.c).
 */
#include "header.h"

#include <errno.h>
#include <linux/in6.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#define IP4_HEADER 20
#define IP6_HEADER 40

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

bool xtbpf_header_start(struct xtbpf_eval_pkt *p)
{
	const uint8_t *ip;

	if (p->family == XTBPF_IPV6) {
		ip = xtbpf_eval_bytes(p, 0, IP6_HEADER);
		return ip && ip[0] >> 4 == 6;
	}
	ip = xtbpf_eval_bytes(p, 0, IP4_HEADER);
	if (!ip || ip[0] >> 4 != 4 || (ip[0] & 15) * 4 < IP4_HEADER)
		return false;
	p->thoff = (ip[0] & 15u) * 4;
	p->fragoff = get16(ip + 6) & 0x1fff;
	return p->thoff <= p->pkt->len;
}

/* Does any byte under the mask differ? */
static bool differs(const void *packet, const void *rule, const void *mask, size_t len)
{
	const uint8_t *p = packet, *r = rule, *m = mask;
	size_t i;

	for (i = 0; i < len; i++)
		if ((p[i] ^ r[i]) & m[i])
			return true;
	return false;
}

/* The kernel's device names are zero padded; the caller's need not be. */
static bool device_differs(const char *dev, const void *rule, const void *mask)
{
	char name[IFNAMSIZ] = "";

	memcpy(name, dev, strnlen(dev, sizeof(name)));
	return differs(name, rule, mask, sizeof(name));
}

bool xtbpf_header_match4(const struct xtbpf_eval_pkt *p, const struct ipt_ip *rule)
{
	const uint8_t *ip = p->pkt->l3;
	uint8_t inv = rule->invflags;
	uint32_t src, dst;

	memcpy(&src, ip + 12, sizeof(src));
	memcpy(&dst, ip + 16, sizeof(dst));
	/* the rule's address is not masked: with host bits set it never equals */
	if (((src & rule->smsk.s_addr) != rule->src.s_addr) != !!(inv & IPT_INV_SRCIP) ||
	    ((dst & rule->dmsk.s_addr) != rule->dst.s_addr) != !!(inv & IPT_INV_DSTIP))
		return false;
	if (device_differs(p->pkt->in, rule->iniface, rule->iniface_mask) !=
	    !!(inv & IPT_INV_VIA_IN))
		return false;
	if (device_differs(p->pkt->out, rule->outiface, rule->outiface_mask) !=
	    !!(inv & IPT_INV_VIA_OUT))
		return false;
	if (rule->proto && (ip[9] != rule->proto) != !!(inv & IPT_INV_PROTO))
		return false;
	return ((rule->flags & IPT_F_FRAG) && !p->fragoff) == !!(inv & IPT_INV_FRAG);
}

/* ipv6_ext_hdr; ESP is none of them */
static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT ||
	       next == IPPROTO_AH || next == IPPROTO_NONE || next == IPPROTO_DSTOPTS;
}

uint32_t xtbpf_header_size6(uint8_t type, const uint8_t *hdr)
{
	if (type == IPPROTO_FRAGMENT)
		return 8;
	if (type == IPPROTO_AH)
		return (hdr[1] + 2u) * 4;
	return (hdr[1] + 1u) * 8;
}

/*
 * Only the first bytes of a header need be there. A later fragment's headers are
 * in another packet: there nothing is found but the fragment header itself, and
 * for XTBPF_HEADER_LAST what it names, if that is no extension header.
 */
int xtbpf_header_find6(const struct xtbpf_eval_pkt *p, int target, uint32_t *at, uint16_t *fragoff)
{
	uint8_t next = p->pkt->l3[6];
	uint32_t here = IP6_HEADER;

	*fragoff = 0;
	for (;;) {
		/* a routing header is looked at as far as its fourth byte, for nothing */
		uint32_t need = next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT ? 4 : 2;
		bool found = next == target;
		const uint8_t *hdr;

		if (!is_extension(next) || next == IPPROTO_NONE) {
			if (target != XTBPF_HEADER_LAST)
				return -ENOENT;
			break;
		}
		hdr = xtbpf_eval_bytes(p, here, need);
		if (!hdr)
			return -EBADMSG;
		if (next == IPPROTO_FRAGMENT && get16(hdr + 2) & ~7) {
			bool last = !is_extension(hdr[0]) || hdr[0] == IPPROTO_NONE;

			if (!found && (target != XTBPF_HEADER_LAST || !last))
				return -ENOENT;
			*fragoff = get16(hdr + 2) & 0xfff8;
			if (!found)
				return hdr[0];
		}
		if (found)
			break;
		here += xtbpf_header_size6(next, hdr);
		next = hdr[0];
	}
	*at = here;
	return next;
}

bool xtbpf_header_match6(struct xtbpf_eval_pkt *p, const struct ip6t_ip6 *rule)
{
	const uint8_t *ip = p->pkt->l3;
	uint8_t inv = rule->invflags;
	uint16_t fragoff;
	int proto;

	if (differs(ip + 8, &rule->src, &rule->smsk, 16) != !!(inv & IP6T_INV_SRCIP) ||
	    differs(ip + 24, &rule->dst, &rule->dmsk, 16) != !!(inv & IP6T_INV_DSTIP))
		return false;
	if (device_differs(p->pkt->in, rule->iniface, rule->iniface_mask) !=
	    !!(inv & IP6T_INV_VIA_IN))
		return false;
	if (device_differs(p->pkt->out, rule->outiface, rule->outiface_mask) !=
	    !!(inv & IP6T_INV_VIA_OUT))
		return false;
	if (!(rule->flags & IP6T_F_PROTO))
		return true;
	proto = xtbpf_header_find6(p, XTBPF_HEADER_LAST, &p->thoff, &fragoff);
	if (proto < 0) {
		if (!fragoff)
			p->hotdrop = true;
		return false;
	}
	p->fragoff = fragoff;
	if (proto == rule->proto)
		return !(inv & IP6T_INV_PROTO);
	return rule->proto == 0 || inv & IP6T_INV_PROTO;
}
