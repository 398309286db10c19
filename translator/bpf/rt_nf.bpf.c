// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runtime of deciding programs at netfilter hooks: fills the packet key as
 * ip_tables would see the packet (net/ipv4/netfilter/ip_tables.c,
 * net/ipv6/netfilter/ip6_tables.c). skb->data is the IP header here. The functions are
 * hidden, so static to the verifier once linked.
 */
#include "kernel.h"
#include "parse.h"

#include <linux/ip.h>
#include <linux/ipv6.h>

char _license[] SEC("license") = "GPL";

/*
 * Pointers are copied, not loaded: for each load of a pointer from a trusted one the
 * verifier looks for lists of safe fields by name, through all of the kernel's types
 * (btf_nested_type_is_trusted in kernel/bpf/btf.c), a millisecond each.
 */
static __always_inline struct net_device *device(struct net_device *const *at)
{
	struct net_device *dev;

	return bpf_probe_read_kernel(&dev, sizeof(dev), at) ? (void *)0 : dev;
}

static __always_inline void devices(struct bpf_nf_ctx *ctx, struct xtbpf_key *key)
{
	struct net_device *in = device(&ctx->state->in);
	struct net_device *out = device(&ctx->state->out);

	if (in)
		bpf_probe_read_kernel(key->in, sizeof(key->in), in->name);
	if (out)
		bpf_probe_read_kernel(key->out, sizeof(key->out), out->name);
}

#define ARPHRD_ETHER 1
#define ETH_HLEN 14
#define PKT_TYPE_MASK 7 /* on little-endian machines */

/* Source address of the frame; as mac_mt (net/netfilter/xt_mac.c) gets at it. */
static __always_inline void source_mac(struct sk_buff *skb, struct xtbpf_key *key)
{
	const __u8 *mac = skb->head + skb->mac_header;

	if (!skb->dev || skb->dev->type != ARPHRD_ETHER || mac + ETH_HLEN > skb->data)
		return;
	if (!bpf_probe_read_kernel(key->mac, sizeof(key->mac), mac + 6))
		key->has_mac = 1;
}

/* What is not in the packet's bytes. */
static __always_inline void around(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, __u32 flags,
				   _Bool multicast)
{
	__u8 type = 0;

	if (flags & XTBPF_PARSE_LINK) {
		source_mac(ctx->skb, key);
		bpf_probe_read_kernel(&type, sizeof(type), ctx->skb->__pkt_type_offset);
		key->pkttype = pkttype(type & PKT_TYPE_MASK, multicast);
	}
	if (flags & XTBPF_PARSE_CPU)
		key->cpu = bpf_get_smp_processor_id();
	if (flags & XTBPF_PARSE_GROUP) {
		struct net_device *in = device(&ctx->state->in);
		struct net_device *out = device(&ctx->state->out);

		if (in)
			bpf_core_read(&key->in_group, sizeof(key->in_group), &in->group);
		if (out)
			bpf_core_read(&key->out_group, sizeof(key->out_group), &out->group);
	}
}

static __always_inline void options(const struct bpf_dynptr *pkt, struct xtbpf_key *key,
				    __u32 thoff, __u32 left, __u8 doff, __u32 flags)
{
	struct tcp_options o = {};

	if (doff < TCP_HEADER / 4) {
		key->l4 |= XTBPF_L4_BADOPT;
		return;
	}
	o.len = opaque(doff * 4u - TCP_HEADER);
	if (!o.len)
		return;
	if (o.len > TCP_OPTIONS || left - TCP_HEADER < o.len ||
	    bpf_dynptr_read(o.byte, o.len, pkt, thoff + TCP_HEADER, 0)) {
		key->l4 |= XTBPF_L4_BADOPT;
		return;
	}
	if (flags & XTBPF_PARSE_OPTIONS) {
		xtbpf_tcp_options(&o);
		__builtin_memcpy(key->tcpopt, o.set, sizeof(key->tcpopt));
	}
	if (flags & XTBPF_PARSE_MSS)
		key->mss = (__u32)xtbpf_tcp_mss(&o);
}

/* The bytes at thoff, and what -m tcpmss finds there: of later fragments, too. */
static __always_inline void head(const struct bpf_dynptr *pkt, struct xtbpf_key *key, __u32 thoff,
				 __u32 flags)
{
	__u32 left = key->len > thoff ? key->len - thoff : 0;
	__u32 n = head_size(left);

	key->thoff = thoff;
	key->mss = XTBPF_MSS_NONE;
	if (n && !bpf_dynptr_read(key->head, n, pkt, thoff, 0))
		key->have = n;
	if (flags & XTBPF_PARSE_MSS && key->have >= TCP_HEADER && key->proto == IPPROTO_TCP)
		options(pkt, key, thoff, left, key->head[12] >> 4, flags);
}

/* Transport header of a packet that is no later fragment. */
static __always_inline void transport(const struct bpf_dynptr *pkt, struct xtbpf_key *key,
				      __u32 thoff, __u32 flags)
{
	__u32 left = key->len > thoff ? key->len - thoff : 0;
	__u8 room[TCP_HEADER];
	const __u8 *p;

	key->l4 |= l4_short(left);
	if (left < 4)
		return;
	if (key->proto != IPPROTO_TCP || left < TCP_HEADER) {
		p = bpf_dynptr_slice(pkt, thoff, room, 4);
		if (p)
			l4_fields(key, p);
		return;
	}
	p = bpf_dynptr_slice(pkt, thoff, room, TCP_HEADER);
	if (!p)
		return;
	l4_fields(key, p);
	key->tcp_flags = p[13];
	/* With XTBPF_PARSE_MSS head() has done it. */
	if (flags & XTBPF_PARSE_OPTIONS && !(flags & XTBPF_PARSE_MSS))
		options(pkt, key, thoff, left, p[12] >> 4, flags);
}

/*
 * For the runtime objects of matches (struct xtbpf_callee): libbpf's linker does not
 * take the same kfunc from two objects. Returns 0 when pkt can be read.
 */
__hidden __noinline int xtbpf_nf_open(struct bpf_nf_ctx *ctx, struct bpf_dynptr *pkt)
{
	return bpf_dynptr_from_skb((struct __sk_buff *)ctx->skb, 0, pkt);
}

/* 0, or -1 when there is not even an IP header. */
__hidden __noinline int xtbpf_nf4(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, __u32 flags)
{
	struct bpf_dynptr pkt;
	struct iphdr room;
	const struct iphdr *ip;

	__builtin_memset(key, 0, sizeof(*key));
	key->len = ctx->skb->len;
	if (flags & XTBPF_PARSE_DEVICES)
		devices(ctx, key);
	if (bpf_dynptr_from_skb((struct __sk_buff *)ctx->skb, 0, &pkt))
		return -1;
	ip = bpf_dynptr_slice(&pkt, 0, &room, sizeof(room));
	if (!ip)
		return -1;

	__u32 thoff = ip->ihl * 4u;
	__u16 offset = bpf_ntohs(ip->frag_off) & IP_OFFSET;

	key->saddr[0] = ip->saddr;
	key->daddr[0] = ip->daddr;
	key->proto = ip->protocol;
	if (flags & XTBPF_PARSE_IP) {
		/* 0: longer than the field can say (BIG TCP) */
		key->iplen = ip->tot_len ? bpf_ntohs(ip->tot_len) : key->len;
		key->tos = ip->tos;
		key->ttl = ip->ttl;
	}
	around(ctx, key, flags, (ip->daddr & bpf_htonl(0xf0000000)) == bpf_htonl(0xe0000000));
	if (flags & XTBPF_PARSE_HEAD) {
		key->fragoff = offset;
		head(&pkt, key, thoff, flags);
	}
	if (offset) {
		key->frag = 1;
		key->l4 |= XTBPF_L4_FRAG;
		if (offset == 1)
			key->l4 |= XTBPF_L4_FRAG1;
		return 0;
	}
	transport(&pkt, key, thoff, flags);
	return 0;
}

/* One extension header; 1: the walk is over. */
static long ext_step(__u32 index, struct ext_walk *w)
{
	struct bpf_dynptr *pkt = w->pkt;
	__u8 room[4];
	const __u8 *h;

	if (ext_ends(w))
		return 1;
	/* Two ways apart: the verifier does not tie the size of a slice to what is read from it. */
	if (!ext_wants4(w->next)) {
		h = bpf_dynptr_slice(pkt, w->at, room, 2);
		if (h)
			return ext_other(w, h);
	} else {
		h = bpf_dynptr_slice(pkt, w->at, room, 4);
		if (h)
			return w->next == EXT_FRAGMENT ? ext_fragment(w, h) : ext_other(w, h);
	}
	w->bad = 1;
	return 1;
}

__hidden __noinline int xtbpf_nf6(struct bpf_nf_ctx *ctx, struct xtbpf_key *key, __u32 flags)
{
	struct bpf_dynptr pkt;
	struct ipv6hdr room;
	const struct ipv6hdr *ip;

	__builtin_memset(key, 0, sizeof(*key));
	key->len = ctx->skb->len;
	if (flags & XTBPF_PARSE_DEVICES)
		devices(ctx, key);
	if (bpf_dynptr_from_skb((struct __sk_buff *)ctx->skb, 0, &pkt))
		return -1;
	ip = bpf_dynptr_slice(&pkt, 0, &room, sizeof(room));
	if (!ip)
		return -1;
	__builtin_memcpy(key->saddr, &ip->saddr, sizeof(key->saddr));
	__builtin_memcpy(key->daddr, &ip->daddr, sizeof(key->daddr));

	struct ext_walk w = { .pkt = &pkt, .at = sizeof(*ip), .next = ip->nexthdr };

	if (flags & XTBPF_PARSE_IP) {
		key->iplen = key->len;
		key->tos = (__u8)(bpf_ntohs(*(const __u16 *)ip) >> 4);
		key->ttl = ip->hop_limit;
	}
	around(ctx, key, flags, (key->daddr[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000));

	if (is_ext(w.next))
		bpf_loop(MAX_EXT, ext_step, &w, 0);
	if (w.bad) {
		key->l4 = XTBPF_L4_NONE_DROP;
		return 0;
	}
	key->proto = w.next;
	if (flags & XTBPF_PARSE_HEAD) {
		key->fragoff = w.fragoff;
		/* ipv6_find_hdr says no place for what is behind a later fragment's header. */
		head(&pkt, key, w.fragoff ? 0 : w.at, flags);
	}
	if (w.fragoff) {
		key->frag = 1;
		key->l4 |= XTBPF_L4_FRAG;
		return 0;
	}
	transport(&pkt, key, w.at, flags);
	return 0;
}
