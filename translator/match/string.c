// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * -m string: net/netfilter/xt_string.c, skb_find_text in net/core/skbuff.c,
 * lib/textsearch.c. An occurrence counts when it lies wholly between from and
 * to, both counted from the IP header.
 */
#include "../bpf/payload.h"
#include "../extension.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_string.h>
#include <stddef.h>
#include <string.h>

#define FLAGS (XT_STRING_FLAG_INVERT | XT_STRING_FLAG_IGNORECASE)

/* One token of lib/ts_fsm.c's patterns, which no command line writes. */
struct fsm_token {
	uint16_t type;
	uint8_t recur, value;
};
#define FSM_TYPES 14
#define FSM_RECURS 5
#define FSM_HEAD_IGNORE 4 /* of the first token only */

static int fsm_check(const struct xt_string_info *info)
{
	struct fsm_token t;

	if (info->patlen % sizeof(t) || info->u.v1.flags & XT_STRING_FLAG_IGNORECASE)
		return -EINVAL;
	for (size_t i = 0; i < info->patlen; i += sizeof(t)) {
		memcpy(&t, info->pattern + i, sizeof(t));
		if (t.type >= FSM_TYPES || t.recur >= FSM_RECURS ||
		    (t.recur == FSM_HEAD_IGNORE && i))
			return -EINVAL;
	}
	return 0;
}

static int string_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_string_info *info = data;

	if (info->from_offset > info->to_offset || info->algo[XT_STRING_MAX_ALGO_NAME_SIZE - 1] ||
	    info->patlen > XT_STRING_MAX_PATTERN_SIZE || info->u.v1.flags & ~FLAGS || !info->patlen)
		return -EINVAL;
	if (!strcmp(info->algo, "bm") || !strcmp(info->algo, "kmp"))
		return 0;
	return strcmp(info->algo, "fsm") ? -ENOENT : fsm_check(info);
}

/* The kernel's toupper (lib/ctype.c) knows Latin-1; 0xdf and 0xff have odd partners. */
static uint8_t fold(uint8_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7))
		return (uint8_t)(c - 0x20);
	return c;
}

static const struct xtbpf_callee callee = {
	.name = "text",
	.nf = "nf_text",
	.tc = "tc_text",
	.type = "xtbpf_string",
	.size = sizeof(struct xtbpf_string),
};

/* Knuth, Morris and Pratt's table: where to go on when byte i does not fit. */
static void fill_fail(struct xtbpf_string *s)
{
	unsigned int i, fit = 0;

	for (i = 1; i < s->len; i++) {
		s->fail[i] = (uint8_t)fit;
		while (fit && s->pattern[i] != s->pattern[fit])
			fit = s->fail[fit];
		fit += s->pattern[i] == s->pattern[fit];
	}
}

/*
 * Two bytes whose other case the kernel's table of bad shifts does not know, so
 * that Boyer and Moore skip places where they are (lib/ts_bm.c).
 */
static bool bm_skips(const struct xt_string_info *info)
{
	unsigned int i;

	for (i = 0; i < info->patlen; i++) {
		uint8_t c = fold((uint8_t)info->pattern[i]);

		if (c == 0xbf || c == 0xdf)
			return true;
	}
	return false;
}

static int string_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_string_info *info = data;
	bool icase = info->u.v1.flags & XT_STRING_FLAG_IGNORECASE;
	struct xtbpf_string s = {
		.from = info->from_offset, .to = info->to_offset, .len = info->patlen, .fold = icase
	};
	unsigned int i;

	if (!strcmp(info->algo, "fsm"))
		return xtbpf_lower_refuse(low, "--algo fsm is not supported");
	if (icase && !strcmp(info->algo, "bm") && bm_skips(info))
		return xtbpf_lower_refuse(low, "--algo bm with --icase is not exact for the bytes "
					       "0xbf, 0xdf and 0xff: use --algo kmp");
	for (i = 0; i < info->patlen; i++)
		s.pattern[i] = icase ? fold((uint8_t)info->pattern[i]) : (uint8_t)info->pattern[i];
	fill_fail(&s);
	return xtbpf_lower_call(low, &callee, &s, info->u.v1.flags & XT_STRING_FLAG_INVERT);
}

static bool same(const uint8_t *text, const struct xt_string_info *info)
{
	bool icase = info->u.v1.flags & XT_STRING_FLAG_IGNORECASE;
	unsigned int i;

	for (i = 0; i < info->patlen; i++) {
		uint8_t want = (uint8_t)info->pattern[i];

		if (icase ? fold(text[i]) != fold(want) : text[i] != want)
			return false;
	}
	return true;
}

static bool string_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_string_info *info = data;
	uint32_t at, end = info->to_offset < p->pkt->len ? info->to_offset : p->pkt->len;
	bool hit = false;

	for (at = info->from_offset; at + info->patlen <= end && !hit; at++)
		hit = same(p->pkt->l3 + at, info);
	return hit != !!(info->u.v1.flags & XT_STRING_FLAG_INVERT);
}

const struct xtbpf_match_ops xtbpf_match_string = {
	.name = "string",
	.family = XTBPF_EXT_UNSPEC,
	.revision = 1,
	.size = XT_ALIGN(sizeof(struct xt_string_info)),
	.usersize = offsetof(struct xt_string_info, config),
	.check = string_check,
	.lower = string_lower,
	.evaluate = string_evaluate,
};
