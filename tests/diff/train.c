// SPDX-License-Identifier: GPL-2.0-only
#include "tests/diff/train.h"

#include <netinet/in.h>

/* Bytes of the transport layer that pkt_build will make of s. */
static unsigned int transport_len(const struct pkt_spec *s)
{
	switch (s->proto) {
	case IPPROTO_TCP:
		return 20u + ((s->tcpopt_len + 3u) & ~3u) + s->payload;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 8u + s->payload;
	default:
		return 4u + s->payload;
	}
}

/* Cut into pieces of whole words; the last takes the rest. */
static unsigned int cut(struct rng *rng, const struct pkt_spec *whole, struct pkt_spec *out)
{
	unsigned int len = transport_len(whole), at = 0, n = 0;
	bool tiny = rng_percent(rng, 30);

	while (at < len && n < TRAIN_MAX - 1) {
		unsigned int size = tiny && n < 3 ? 8 : 8 * (1 + rng_below(rng, 40));

		if (n == TRAIN_MAX - 2 || at + size >= len)
			size = len - at;
		out[n] = *whole;
		out[n].frag = true;
		out[n].frag_off = (uint16_t)(at / 8);
		out[n].more = at + size < len;
		out[n++].slice = (uint16_t)size;
		at += size;
	}
	return n;
}

static void swap(struct pkt_spec *a, struct pkt_spec *b)
{
	struct pkt_spec t = *a;

	*a = *b;
	*b = t;
}

unsigned int train_make(struct rng *rng, const struct pkt_spec *whole,
			struct pkt_spec out[TRAIN_MAX])
{
	unsigned int n = cut(rng, whole, out), i = rng_below(rng, n);

	if (rng_percent(rng, 15)) { /* reaches into the next one, or beyond the end */
		out[i].slice = (uint16_t)(out[i].slice + 8);
	} else if (rng_percent(rng, 10)) { /* the same again */
		out[n++] = out[i];
	} else if (n > 1 && rng_percent(rng, 10)) {
		out[i] = out[--n];
	}
	if (rng_percent(rng, 50))
		for (i = n - 1; i > 0; i--)
			swap(&out[i], &out[rng_below(rng, i + 1)]);
	return n;
}
