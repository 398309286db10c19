/* SPDX-License-Identifier: GPL-2.0-only */
/* A whole ruleset: xtbpf takes it, or refuses it naming the first rule it has nothing for. */
#ifndef DIFF_WHOLE_H
#define DIFF_WHOLE_H

#include "tests/diff/side.h"

enum whole_result { WHOLE_ACCEPTED, WHOLE_REFUSED, WHOLE_WRONG };

/**
 * Restore text (canonical) under xtbpf in side's box and judge what comes back;
 * prints what was said. The side's box may hold the ipsets that it needs.
 */
enum whole_result whole_try(struct side *s, const char *text);

#endif
