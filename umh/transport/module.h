/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file module.h
 * The system-wide transport: every iptables call of the machine, by xtbpf.ko
 * (include/xtbpf/wire.h). A machine without the module is served by the other
 * transport alone; a module that is loaded later is noticed. A helper with
 * directories of its own (XTBPF_RUNDIR, XTBPF_BPFFS) leaves the module to the machine's.
 */
#ifndef XTBPF_TRANSPORT_MODULE_H
#define XTBPF_TRANSPORT_MODULE_H

#include "../ns.h"

/**
 * Claim the module's device: from now on clients wait for us. 0 also when there is
 * no module; -EBUSY: another helper has it.
 */
int xtbpf_kmod_claim(void);
/** All that was in force is so again: tell the module, and serve. */
int xtbpf_kmod_serve(void);
/** Tables of ns came to be: say so in its /proc/net/ip_tables_names. */
void xtbpf_kmod_names(struct xtbpf_ns *ns);
/** Is the module there, and ours? For status. */
bool xtbpf_kmod_active(void);

#endif
