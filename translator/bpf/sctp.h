/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file sctp.h
 * The chunks of an SCTP packet as match_packet in net/netfilter/xt_sctp.c walks
 * them; the includer brings look_read.
 */
#ifndef XTBPF_SCTP_H
#define XTBPF_SCTP_H

#define SCTP_HEADER 12

/* No packet has more: a chunk takes 4 bytes. */
#define SCTP_CHUNKS 16384

/**
 * struct sctp_walk
 * @left: types still to be met (XTBPF_SCTP_ALL)
 * @result: XTBPF_CALL_*, good once done
 */
struct sctp_walk {
	struct look *l;
	const struct xtbpf_sctp *s;
	__u32 left[8];
	__u32 at;
	int result;
	int done;
};

static __always_inline int sctp_flags_fit(const struct xtbpf_sctp *s, __u8 type, __u8 flags)
{
	for (int i = 0; i < 4; i++)
		if (s->flag[i][3] && s->flag[i][0] == type)
			return (flags & s->flag[i][2]) == s->flag[i][1];
	return 1;
}

static __always_inline void sctp_end(struct sctp_walk *w, int result)
{
	w->result = result;
	w->done = 1;
}

/* One chunk. */
static __always_inline void sctp_step(struct look *l, struct sctp_walk *w,
				      const struct xtbpf_sctp *s)
{
	__u8 c[4];
	__u32 len, word;
	int fits;

	if (look_read(l, w->at, c, sizeof(c)) || (!c[2] && !c[3])) {
		sctp_end(w, XTBPF_CALL_HOTDROP);
		return;
	}
	len = (__u32)c[2] << 8 | c[3];
	w->at += (len + 3) & ~3u;
	word = c[0] >> 5;
	fits = (s->map[word & 7] >> (c[0] & 31) & 1) && sctp_flags_fit(s, c[0], c[1]);
	if (s->mode == XTBPF_SCTP_ANY && fits)
		sctp_end(w, XTBPF_CALL_TRUE);
	else if (s->mode == XTBPF_SCTP_ONLY && !fits)
		sctp_end(w, XTBPF_CALL_FALSE);
	else if (s->mode == XTBPF_SCTP_ALL && fits)
		w->left[word & 7] &= ~(1u << (c[0] & 31));
	if (w->at >= l->len && !w->done)
		sctp_end(w, s->mode == XTBPF_SCTP_ONLY);
}

/* inverted, a broken packet matches and is dropped nevertheless */
static __always_inline int sctp_answer(const struct sctp_walk *w, const struct xtbpf_sctp *s)
{
	int result = w->result;

	if (result == XTBPF_CALL_HOTDROP)
		return s->invert ? XTBPF_CALL_TRUE_HOTDROP : XTBPF_CALL_HOTDROP;
	if (s->mode == XTBPF_SCTP_ALL) {
		__u32 left = 0;

		for (int i = 0; i < 8; i++)
			left |= w->left[i];
		result = !left;
	}
	return result != !!s->invert;
}

static long sctp_next(__u32 index, struct sctp_walk *w)
{
	sctp_step(w->l, w, w->s);
	return w->done ? 1 : 0;
}

static __always_inline int sctp_holds(struct look *l, __u32 thoff, const struct xtbpf_sctp *s)
{
	struct sctp_walk w = { .l = l, .s = s, .at = thoff + SCTP_HEADER };

	__builtin_memcpy(w.left, s->map, sizeof(w.left));
	bpf_loop(SCTP_CHUNKS, sctp_next, &w, 0);
	return sctp_answer(&w, s);
}

#endif
