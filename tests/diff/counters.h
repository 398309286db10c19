/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be counted about a side, and whether two sides agree. */
#ifndef DIFF_COUNTERS_H
#define DIFF_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>

/** /proc/net/snmp or snmp6 of the namespace, as "Key value" lines. malloc'ed. */
char *snmp_read(int netns, int family);

/**
 * Compare two texts line by line without comment lines and lines holding one of
 * the words in skip (NULL terminated, may be NULL). Prints up to `show`
 * differing pairs as TAP comments. Returns how many lines differ.
 */
unsigned int text_diff(const char *what, const char *a, const char *b, const char *const *skip,
		       unsigned int show);

/** after - before, key by key (both from snmp_read). malloc'ed. */
char *snmp_delta(const char *before, const char *after);

#endif
