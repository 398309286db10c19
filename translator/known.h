/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file known.h
 * Extensions the kernel has and we have not: enough of them to refuse their
 * rules by name.
 */
#ifndef XTBPF_KNOWN_H
#define XTBPF_KNOWN_H

#include <xtbpf/table.h>

enum xtbpf_known {
	XTBPF_KNOWN_NOT,	  /* no such name */
	XTBPF_KNOWN,		  /* the kernel has this revision */
	XTBPF_KNOWN_OTHER,	  /* other revisions only, in the family's list */
	XTBPF_KNOWN_OTHER_UNSPEC, /* other revisions only, in the list of all families */
};

enum xtbpf_known xtbpf_known(enum xtbpf_family family, bool target, const char *name,
			     uint8_t revision);

/** Why BPF cannot do this extension (refused.c); NULL: there is no such reason. */
const char *xtbpf_refused(const char *name);

#endif
