/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/**
 * @file payload.h
 * What rules tell the runtime's functions for matches that look into the packet
 * (XTBPF_P_CALL). Written by lower(), read by BPF C.
 */
#ifndef XTBPF_PAYLOAD_H
#define XTBPF_PAYLOAD_H

#include "key.h"

/* What such a function returns. */
#define XTBPF_CALL_FALSE 0
#define XTBPF_CALL_TRUE 1
#define XTBPF_CALL_HOTDROP 2
#define XTBPF_CALL_TRUE_HOTDROP 3 /* counted if the rest of the rule holds, and dropped */

/* Chunks of an SCTP packet (-m sctp --chunk-types). */
enum xtbpf_sctp_mode {
	XTBPF_SCTP_WALK, /* neither of the others: false, but a broken chunk still drops */
	XTBPF_SCTP_ANY,
	XTBPF_SCTP_ALL,
	XTBPF_SCTP_ONLY,
};
struct xtbpf_sctp {
	xt_u32 map[8];
	xt_u8 flag[4][4]; /* type, flags, mask, 1 when the row is used */
	xt_u32 mode;
	xt_u32 invert;
};

/* A classic BPF program that was checked (-m bpf). */
#define XTBPF_CBPF_MAX 64
struct xtbpf_cbpf_insn {
	xt_u16 code;
	xt_u8 jt, jf;
	xt_u32 k;
};
struct xtbpf_cbpf {
	xt_u32 n;
	xt_u32 pad;
	struct xtbpf_cbpf_insn insn[XTBPF_CBPF_MAX];
};

/* -m u32; tests as in struct xt_u32 */
#define XTBPF_U32_MAX 11
struct xtbpf_u32_test {
	xt_u32 number[XTBPF_U32_MAX];
	xt_u32 min[XTBPF_U32_MAX], max[XTBPF_U32_MAX];
	xt_u8 op[XTBPF_U32_MAX];
	xt_u8 nnums, nvalues;
	xt_u8 pad[3];
};
struct xtbpf_u32 {
	struct xtbpf_u32_test test[XTBPF_U32_MAX];
	xt_u32 ntests;
};
#define XTBPF_U32_AND 0 /* as enum xt_u32_ops */
#define XTBPF_U32_LEFTSH 1
#define XTBPF_U32_RIGHTSH 2
#define XTBPF_U32_AT 3

/* -m string: Knuth, Morris and Pratt; fail[i]: how much of the pattern still fits after i bytes */
#define XTBPF_STRING_MAX 128
struct xtbpf_string {
	xt_u32 from, to;
	xt_u32 len;
	xt_u32 fold; /* upper case: pattern is, text is to be made so */
	xt_u8 pattern[XTBPF_STRING_MAX];
	xt_u8 fail[XTBPF_STRING_MAX + 8];
};

/* -m time; as struct xt_time_info */
struct xtbpf_time {
	xt_u32 date_start, date_stop;
	xt_u32 daytime_start, daytime_stop;
	xt_u32 monthdays; /* bit n: the nth */
	xt_u32 weekdays;  /* bit 1: Monday */
	xt_u32 local, contiguous;
};

/* -m statistic --mode nth: true for packet `first` (from 1) and every `period` packets from then on */
struct xtbpf_nth {
	xt_u64 seen;
	xt_u64 first;
	xt_u64 period;
};

/* -m statistic --mode random */
struct xtbpf_random {
	xt_u32 probability; /* of 2^31 */
	xt_u32 pad;
};

#endif
