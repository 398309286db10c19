// SPDX-License-Identifier: GPL-2.0-only
/* The IP part of a rule, in iptables-save's words (iptables.c and ip6tables.c, print_rule). */
/* libc first: its headers and the kernel's agree only in this order */
#include <arpa/inet.h>
#include <net/if.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "../ruletext.h"

/* The names of /etc/protocols that rules use; others print as numbers. */
static const struct {
	uint16_t number;
	const char *name;
} protocols[] = {
	{ 1, "icmp" },	     { 2, "igmp" },	   { 4, "ipencap" },	{ 6, "tcp" },
	{ 17, "udp" },	     { 33, "dccp" },	   { 41, "ipv6" },	{ 43, "ipv6-route" },
	{ 44, "ipv6-frag" }, { 47, "gre" },	   { 50, "esp" },	{ 51, "ah" },
	{ 58, "ipv6-icmp" }, { 59, "ipv6-nonxt" }, { 60, "ipv6-opts" }, { 88, "eigrp" },
	{ 89, "ospf" },	     { 94, "ipip" },	   { 103, "pim" },	{ 108, "ipcomp" },
	{ 112, "vrrp" },     { 115, "l2tp" },	   { 132, "sctp" },	{ 135, "mobility-header" },
	{ 136, "udplite" },
};

static void print_proto(uint16_t proto, bool invert, FILE *to)
{
	if (!proto)
		return;
	fputs(invert ? " ! -p " : " -p ", to);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (protocols[i].number == proto) {
			fputs(protocols[i].name, to);
			return;
		}
	}
	fprintf(to, "%u", proto);
}

/* The mask covers what is compared: without the final NUL it was written with a '+'. */
static void print_iface(char letter, const char *name, const unsigned char *mask, bool invert,
			FILE *to)
{
	if (!mask[0])
		return;
	fprintf(to, "%s -%c ", invert ? " !" : "", letter);
	for (int i = 0; i < IFNAMSIZ; i++) {
		if (!mask[i]) {
			if (i > 0 && name[i - 1])
				fputc('+', to);
			return;
		}
		if (name[i])
			fputc(name[i], to);
	}
}

/* Length of a prefix mask, -1 for any other. */
static int prefix_length(const uint8_t *mask, size_t bytes)
{
	int bits = 0;
	bool ended = false;

	for (size_t i = 0; i < bytes * 8; i++) {
		bool one = mask[i / 8] & (0x80 >> (i % 8));

		if (one && ended)
			return -1;
		if (one)
			bits++;
		else
			ended = true;
	}
	return bits;
}

static void print_address(int af, const char *option, const void *addr, const void *mask,
			  bool invert, FILE *to)
{
	static const uint8_t zero[16];
	size_t bytes = af == AF_INET ? 4 : 16;
	int prefix = prefix_length(mask, bytes);
	char text[INET6_ADDRSTRLEN];

	/* the two programs differ in what "any" is */
	if (!prefix && !invert && (af == AF_INET6 || !memcmp(addr, zero, bytes)))
		return;
	fprintf(to, "%s %s %s", invert ? " !" : "", option,
		inet_ntop(af, addr, text, sizeof(text)));
	if (prefix >= 0)
		fprintf(to, "/%d", prefix);
	else
		fprintf(to, "/%s", inet_ntop(af, mask, text, sizeof(text)));
}

static void ip4_text(const struct ipt_ip *ip, FILE *to)
{
	print_address(AF_INET, "-s", &ip->src, &ip->smsk, ip->invflags & IPT_INV_SRCIP, to);
	print_address(AF_INET, "-d", &ip->dst, &ip->dmsk, ip->invflags & IPT_INV_DSTIP, to);
	print_iface('i', ip->iniface, ip->iniface_mask, ip->invflags & IPT_INV_VIA_IN, to);
	print_iface('o', ip->outiface, ip->outiface_mask, ip->invflags & IPT_INV_VIA_OUT, to);
	print_proto(ip->proto, ip->invflags & IPT_INV_PROTO, to);
	if (ip->flags & IPT_F_FRAG)
		fputs(ip->invflags & IPT_INV_FRAG ? " ! -f" : " -f", to);
}

static void ip6_text(const struct ip6t_ip6 *ip, FILE *to)
{
	print_address(AF_INET6, "-s", &ip->src, &ip->smsk, ip->invflags & IP6T_INV_SRCIP, to);
	print_address(AF_INET6, "-d", &ip->dst, &ip->dmsk, ip->invflags & IP6T_INV_DSTIP, to);
	print_iface('i', ip->iniface, ip->iniface_mask, ip->invflags & IP6T_INV_VIA_IN, to);
	print_iface('o', ip->outiface, ip->outiface_mask, ip->invflags & IP6T_INV_VIA_OUT, to);
	print_proto(ip->proto, ip->invflags & IP6T_INV_PROTO, to);
}

void xtbpf_ip_text(enum xtbpf_family family, const void *ip, FILE *to)
{
	if (family == XTBPF_IPV4)
		ip4_text(ip, to);
	else
		ip6_text(ip, to);
}
