// SPDX-License-Identifier: GPL-2.0-only
#include "ruletext.h"

char *xtbpf_rule_text(const struct xtbpf_blob *blob, uint32_t entry)
{
	return NULL;
}
