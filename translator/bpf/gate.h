/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/**
 * @file gate.h
 * Numbering shared by the gates (BPF C) and the helper that fills their slots.
 *
 * Objects "gate_nf", "gate_tc" and "gate_xdp" each hold one program, the maps
 * "gen" (ARRAY of one u32, BPF_F_MMAPABLE) and "slots" (PROG_ARRAY of
 * XTBPF_SLOTS entries), and one .rodata variable `const volatile __u32 slot`.
 * A gate tail-calls slots[slot * 2 + (gen & 1)]; an empty slot passes.
 * gate_xdp takes `slot` for IPv4 frames and `slot + 1` for IPv6 frames, since a
 * device has room for one XDP program; anything else passes. gate_tc is
 * attached once a family, so it needs no look at the packet.
 */
#ifndef XTBPF_GATE_H
#define XTBPF_GATE_H

/* max_entries of every "slots" map */
#define XTBPF_SLOTS 256
/* slot of a built-in chain: enum xtbpf_family, xtbpf_table_id, xtbpf_hook */
#define XTBPF_SLOT(family, table, hook) ((family)*25 + (table)*5 + (hook))
/* slot of a family's early-drop program */
#define XTBPF_SLOT_EARLY(family) (50 + (family))
#define XTBPF_NSLOT 52

#endif
