// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m sctp: net/netfilter/xt_sctp.c */
#include "../bpf/payload.h"
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_sctp.h>
#include <stddef.h>
#include <string.h>

#define SCTP_HEADER 12
#define CHUNK_HEADER 4
#define MAP_WORDS (sizeof(((struct xt_sctp_info *)0)->chunkmap) / sizeof(uint32_t))

static int sctp_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_sctp_info *info = data;

	if ((size_t)info->flag_count > XT_NUM_SCTP_FLAGS)
		return -EINVAL;
	if (info->flags & ~XT_SCTP_VALID_FLAGS || info->invflags & ~XT_SCTP_VALID_FLAGS ||
	    info->invflags & ~info->flags)
		return -EINVAL;
	if (info->flags & XT_SCTP_CHUNK_TYPES &&
	    !(info->chunk_match_type &
	      (SCTP_CHUNK_MATCH_ANY | SCTP_CHUNK_MATCH_ALL | SCTP_CHUNK_MATCH_ONLY)))
		return -EINVAL;
	return 0;
}

static const struct xtbpf_callee chunks = {
	.name = "sctp",
	.nf = "nf_sctp",
	.tc = "tc_sctp",
	.type = "xtbpf_sctp",
	.size = sizeof(struct xtbpf_sctp),
	.late_drop = true,
};

static bool all_clear(const uint32_t *map, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (map[i])
			return false;
	return true;
}

static enum xtbpf_sctp_mode chunk_mode(const struct xt_sctp_info *info)
{
	switch (info->chunk_match_type) {
	case SCTP_CHUNK_MATCH_ANY:
		return XTBPF_SCTP_ANY;
	case SCTP_CHUNK_MATCH_ALL:
		/* bits that are no chunk's are never cleared */
		return all_clear(info->chunkmap + 8, MAP_WORDS - 8) ? XTBPF_SCTP_ALL
								    : XTBPF_SCTP_WALK;
	case SCTP_CHUNK_MATCH_ONLY:
		return XTBPF_SCTP_ONLY;
	default:
		return XTBPF_SCTP_WALK;
	}
}

static int chunks_lower(const struct xt_sctp_info *info, struct xtbpf_lower *low)
{
	struct xtbpf_sctp s = { .mode = chunk_mode(info),
				.invert = !!(info->invflags & XT_SCTP_CHUNK_TYPES) };
	int i;

	memcpy(s.map, info->chunkmap, sizeof(s.map));
	for (i = 0; i < info->flag_count; i++) {
		const struct xt_sctp_flag_info *f = &info->flag_info[i];
		const uint8_t row[4] = { f->chunktype, f->flag, f->flag_mask, 1 };

		memcpy(s.flag[i], row, sizeof(row));
	}
	/* Inverts itself: a broken packet is a hotdrop either way. */
	return xtbpf_lower_call(low, &chunks, &s, false);
}

static int sctp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_sctp_info *info = data;
	int err = xtbpf_lower_head(low, SCTP_HEADER);

	if (!err && info->flags & XT_SCTP_SRC_PORTS)
		err = xtbpf_lower_range(low, XTBPF_F_SPORT, info->spts[0], info->spts[1],
					info->invflags & XT_SCTP_SRC_PORTS);
	if (!err && info->flags & XT_SCTP_DEST_PORTS)
		err = xtbpf_lower_range(low, XTBPF_F_DPORT, info->dpts[0], info->dpts[1],
					info->invflags & XT_SCTP_DEST_PORTS);
	if (err || !(info->flags & XT_SCTP_CHUNK_TYPES))
		return err;
	return chunks_lower(info, low);
}

static bool in_range(const struct xt_sctp_info *info, const uint16_t range[2], uint16_t port,
		     uint32_t which)
{
	if (!(info->flags & which))
		return true;
	return (port >= range[0] && port <= range[1]) != !!(info->invflags & which);
}

/* Only the first rule about a type counts; a type without one has any flags. */
static bool flags_fit(const struct xt_sctp_info *info, uint8_t type, uint8_t flags)
{
	int i;

	for (i = 0; i < info->flag_count; i++)
		if (info->flag_info[i].chunktype == type)
			return (flags & info->flag_info[i].flag_mask) == info->flag_info[i].flag;
	return true;
}

/* match_packet: the first chunk must be there, whatever is asked. */
static bool chunks_fit(struct xtbpf_eval_pkt *p, const struct xt_sctp_info *info)
{
	uint32_t at = p->thoff + SCTP_HEADER, left[MAP_WORDS];

	for (size_t i = 0; i < MAP_WORDS; i++)
		left[i] = info->chunkmap[i];
	do {
		const uint8_t *c = xtbpf_eval_bytes(p, at, CHUNK_HEADER);
		bool named, fits;

		if (!c || (!c[2] && !c[3])) {
			p->hotdrop = true;
			return false;
		}
		at += ((uint32_t)(c[2] << 8 | c[3]) + 3) & ~3u;
		named = info->chunkmap[c[0] / 32] >> c[0] % 32 & 1;
		fits = named && flags_fit(info, c[0], c[1]);
		if (info->chunk_match_type == SCTP_CHUNK_MATCH_ANY && fits)
			return true;
		if (info->chunk_match_type == SCTP_CHUNK_MATCH_ALL && fits)
			left[c[0] / 32] &= ~(1u << c[0] % 32);
		if (info->chunk_match_type == SCTP_CHUNK_MATCH_ONLY && !fits)
			return false;
	} while (at < p->pkt->len);
	if (info->chunk_match_type == SCTP_CHUNK_MATCH_ALL)
		return all_clear(left, MAP_WORDS);
	return info->chunk_match_type == SCTP_CHUNK_MATCH_ONLY;
}

static bool sctp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_sctp_info *info = data;
	const uint8_t *sh;

	if (p->fragoff)
		return false;
	sh = xtbpf_eval_bytes(p, p->thoff, SCTP_HEADER);
	if (!sh) {
		p->hotdrop = true;
		return false;
	}
	if (!in_range(info, info->spts, (uint16_t)(sh[0] << 8 | sh[1]), XT_SCTP_SRC_PORTS) ||
	    !in_range(info, info->dpts, (uint16_t)(sh[2] << 8 | sh[3]), XT_SCTP_DEST_PORTS))
		return false;
	if (!(info->flags & XT_SCTP_CHUNK_TYPES))
		return true;
	/* A broken chunk is a hotdrop, and inverted a match as well: counted, then dropped. */
	return chunks_fit(p, info) != !!(info->invflags & XT_SCTP_CHUNK_TYPES);
}

const struct xtbpf_match_ops xtbpf_match_sctp4 = {
	.name = "sctp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_sctp_info)),
	.usersize = sizeof(struct xt_sctp_info),
	.proto = IPPROTO_SCTP,
	.check = sctp_check,
	.lower = sctp_lower,
	.evaluate = sctp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_sctp6 = {
	.name = "sctp",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_sctp_info)),
	.usersize = sizeof(struct xt_sctp_info),
	.proto = IPPROTO_SCTP,
	.check = sctp_check,
	.lower = sctp_lower,
	.evaluate = sctp_evaluate,
};
