// SPDX-License-Identifier: LGPL-2.1-or-later
/* ERROR names user chains and ends the table; a packet that meets it is dropped. */
#include "../extension.h"

#include <linux/netfilter/x_tables.h>

const struct xtbpf_target_ops xtbpf_target_error4 = {
	.name = XT_ERROR_TARGET,
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(XT_FUNCTION_MAXNAMELEN),
	.usersize = XT_FUNCTION_MAXNAMELEN,
};

const struct xtbpf_target_ops xtbpf_target_error6 = {
	.name = XT_ERROR_TARGET,
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(XT_FUNCTION_MAXNAMELEN),
	.usersize = XT_FUNCTION_MAXNAMELEN,
};
