// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Extensions that BPF cannot do, and why, in words for the user. Those that
 * xtbpf just does not have yet need no row. README's table is made of these lines by
 * tests/lint/extensions.sh --write.
 */
#include "known.h"

#include <string.h>

static const struct {
	const char *name;
	const char *why;
} refused[] = {
	{ "CHECKSUM", "BPF cannot complete a checksum that is left to the device" },
	{ "CLUSTERIP", "gone from the kernel" },
	{ "CONNSECMARK", "BPF cannot set security marks" },
	{ "IDLETIMER", "its timers live in the kernel's sysfs" },
	{ "LED", "BPF cannot switch LEDs" },
	{ "NFQUEUE", "BPF cannot queue packets to user space" },
	{ "SECMARK", "BPF cannot set security marks" },
	{ "SET", "BPF cannot change ip sets" },
	{ "SYNPROXY", "BPF cannot translate sequence numbers in conntrack" },
	{ "ULOG", "gone from the kernel" },
	{ "ipvs", "BPF cannot see IPVS's connections" },
	{ "nfacct", "BPF cannot reach accounting objects" },
	{ "osf", "the kernel does not give its fingerprints back" },
	{ "set", "BPF cannot ask ip sets" },
};

const char *xtbpf_refused(const char *name)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (!strcmp(refused[i].name, name))
			return refused[i].why;
	return NULL;
}
