/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file lower.h
 * The predicate list of the rule being lowered; extensions see it through the
 * functions in extension.h.
 */
#ifndef XTBPF_LOWER_H
#define XTBPF_LOWER_H

#include "build.h"

/**
 * struct xtbpf_lower
 * @entry: blob index of the rule
 * @why: where xtbpf_lower_refuse writes; NULL in chains that nothing reaches
 * @preds: room, kept from rule to rule; free it at the end
 */
struct xtbpf_lower {
	struct xtbpf_ruleset *rs;
	struct xtbpf_reason *why;
	int entry;
	struct xtbpf_pred *preds;
	unsigned int npreds, room;
};

/** The header match of the rule (ip_packet_match, ip6_packet_match). 0 or -ENOMEM. */
int xtbpf_lower_ip(struct xtbpf_lower *low, const struct xtbpf_view *v);

#endif
