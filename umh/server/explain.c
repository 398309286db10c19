// SPDX-License-Identifier: GPL-2.0-only
/* Why a call was refused: for the caller's terminal, the log and `xtbpf why`. */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cleanup.h"
#include "../log.h"
#include "../ruletext.h"

int xtbpf_server_refuse(struct xtbpf_reason *why, int err, const char *table, const char *fmt, ...)
{
	va_list ap;

	memset(why, 0, sizeof(*why));
	why->err = err;
	why->ours = true;
	why->entry = -1;
	snprintf(why->table, sizeof(why->table), "%s", table);
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return -err;
}

/* Names and payloads are the client's; what we print may land on root's terminal. */
void xtbpf_printable(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		if (*c < 0x20 || *c >= 0x7f)
			*c = '?';
	}
}

static void print_place(FILE *f, enum xtbpf_family family, const struct xtbpf_blob *blob,
			const struct xtbpf_reason *why)
{
	_cleanup_free_ char *rule = NULL;

	if (family == XTBPF_IPV6)
		fputs("IPv6 ", f);
	fputs(why->table[0] ? why->table : "table", f);
	if (!why->chain[0])
		return;
	fprintf(f, " %s", why->chain);
	if (why->rule)
		fprintf(f, " rule %u", why->rule);
	else if (why->entry >= 0)
		fputs(" policy", f);
	if (blob && why->entry >= 0 && why->rule)
		rule = xtbpf_rule_text(blob, (uint32_t)why->entry);
	if (rule)
		fprintf(f, " (%s)", rule);
}

static char *compose(enum xtbpf_family family, const struct xtbpf_blob *blob,
		     const struct xtbpf_reason *why)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	print_place(f, family, blob, why);
	fprintf(f, ": %s%s; nothing was changed", why->text,
		why->ours ? "" : " (ip_tables itself refuses this)");
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	xtbpf_printable(text);
	return text;
}

void xtbpf_explain(struct xtbpf_ns *ns, enum xtbpf_family family, const struct xtbpf_blob *blob,
		   const struct xtbpf_reason *why, struct xtbpf_reply *reply)
{
	char *text = compose(family, blob, why);

	ns->why = *why;
	free(ns->why_text);
	ns->why_text = text;
	if (!text)
		return;
	xtbpf_log(XTBPF_NOTICE, "namespace %llu: %s", (unsigned long long)ns->ino, text);
	reply->why = strdup(text);
}
