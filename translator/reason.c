// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reason.h"

#include <stdio.h>
#include <string.h>

/* Names come from blobs: what a terminal could choke on becomes '?'. */
static void copy_name(char out[XTBPF_NAME_LEN], const char *name)
{
	size_t i;

	for (i = 0; i < XTBPF_NAME_LEN - 1 && name[i]; i++)
		out[i] = name[i] >= ' ' && name[i] < 0x7f ? name[i] : '?';
	memset(out + i, 0, XTBPF_NAME_LEN - i);
}

int xtbpf_vrefuse(struct xtbpf_reason *why, const struct xtbpf_ruleset *rs, int entry, int err,
		  bool ours, const char *fmt, va_list ap)
{
	const struct xtbpf_entry *e;

	if (!why)
		return err;
	memset(why, 0, sizeof(*why));
	why->err = -err;
	why->ours = ours;
	why->entry = entry;
	copy_name(why->table, xtbpf_table_def(rs->table)->name);
	if (entry >= 0 && (uint32_t)entry < rs->nentries) {
		e = &rs->entries[entry];
		why->rule = e->number;
		if (e->chain < rs->nchains)
			copy_name(why->chain, rs->chains[e->chain].name);
	}
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	return err;
}

int xtbpf_refuse(struct xtbpf_reason *why, const struct xtbpf_ruleset *rs, int entry, int err,
		 bool ours, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err = xtbpf_vrefuse(why, rs, entry, err, ours, fmt, ap);
	va_end(ap);
	return err;
}

void xtbpf_reason_extension(struct xtbpf_reason *why, const char *name)
{
	if (why)
		copy_name(why->extension, name);
}
