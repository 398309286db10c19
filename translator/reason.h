/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file reason.h
 * Filling struct xtbpf_reason: who is to blame, and why.
 */
#ifndef XTBPF_REASON_H
#define XTBPF_REASON_H

#include "ruleset.h"

#include <stdarg.h>

/**
 * Fill *why (which may be NULL) and return err, a negative errno. entry is a
 * blob index, or -1; table, chain and rule number come from rs.
 */
int xtbpf_refuse(struct xtbpf_reason *why, const struct xtbpf_ruleset *rs, int entry, int err,
		 bool ours, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
int xtbpf_vrefuse(struct xtbpf_reason *why, const struct xtbpf_ruleset *rs, int entry, int err,
		  bool ours, const char *fmt, va_list ap) __attribute__((format(printf, 6, 0)));

/** Name the match or target concerned, after xtbpf_refuse. */
void xtbpf_reason_extension(struct xtbpf_reason *why, const char *name);

#endif
