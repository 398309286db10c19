// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The runtime objects embedded in the library: translator/bpf/NAME.bpf.c,
 * compiled at build time; ld -r -b binary names the symbols after the file.
 */
#include <string.h>
#include <xtbpf/translator.h>

extern const uint8_t _binary_gate_nf_bpf_o_start[], _binary_gate_nf_bpf_o_end[];
extern const uint8_t _binary_gate_xdp_bpf_o_start[], _binary_gate_xdp_bpf_o_end[];
extern const uint8_t _binary_gate_tc_bpf_o_start[], _binary_gate_tc_bpf_o_end[];
extern const uint8_t _binary_ip6ext_nf_bpf_o_start[], _binary_ip6ext_nf_bpf_o_end[];
extern const uint8_t _binary_ip6ext_tc_bpf_o_start[], _binary_ip6ext_tc_bpf_o_end[];
extern const uint8_t _binary_rt_early_bpf_o_start[], _binary_rt_early_bpf_o_end[];
extern const uint8_t _binary_rt_nf_bpf_o_start[], _binary_rt_nf_bpf_o_end[];
extern const uint8_t _binary_rt_tc_bpf_o_start[], _binary_rt_tc_bpf_o_end[];
extern const uint8_t _binary_nf_cbpf_bpf_o_start[], _binary_nf_cbpf_bpf_o_end[];
extern const uint8_t _binary_tc_cbpf_bpf_o_start[], _binary_tc_cbpf_bpf_o_end[];
extern const uint8_t _binary_nf_clock_bpf_o_start[], _binary_nf_clock_bpf_o_end[];
extern const uint8_t _binary_tc_clock_bpf_o_start[], _binary_tc_clock_bpf_o_end[];
extern const uint8_t _binary_nf_statistic_bpf_o_start[], _binary_nf_statistic_bpf_o_end[];
extern const uint8_t _binary_tc_statistic_bpf_o_start[], _binary_tc_statistic_bpf_o_end[];
extern const uint8_t _binary_nf_sctp_bpf_o_start[], _binary_nf_sctp_bpf_o_end[];
extern const uint8_t _binary_nf_text_bpf_o_start[], _binary_nf_text_bpf_o_end[];
extern const uint8_t _binary_tc_sctp_bpf_o_start[], _binary_tc_sctp_bpf_o_end[];
extern const uint8_t _binary_tc_text_bpf_o_start[], _binary_tc_text_bpf_o_end[];
extern const uint8_t _binary_nf_u32_bpf_o_start[], _binary_nf_u32_bpf_o_end[];
extern const uint8_t _binary_tc_u32_bpf_o_start[], _binary_tc_u32_bpf_o_end[];

static const struct {
	const char *name;
	const uint8_t *start, *end;
} objects[] = {
	{ "gate_nf", _binary_gate_nf_bpf_o_start, _binary_gate_nf_bpf_o_end },
	{ "gate_xdp", _binary_gate_xdp_bpf_o_start, _binary_gate_xdp_bpf_o_end },
	{ "gate_tc", _binary_gate_tc_bpf_o_start, _binary_gate_tc_bpf_o_end },
	{ "ip6ext_nf", _binary_ip6ext_nf_bpf_o_start, _binary_ip6ext_nf_bpf_o_end },
	{ "ip6ext_tc", _binary_ip6ext_tc_bpf_o_start, _binary_ip6ext_tc_bpf_o_end },
	{ "rt_early", _binary_rt_early_bpf_o_start, _binary_rt_early_bpf_o_end },
	{ "rt_nf", _binary_rt_nf_bpf_o_start, _binary_rt_nf_bpf_o_end },
	{ "rt_tc", _binary_rt_tc_bpf_o_start, _binary_rt_tc_bpf_o_end },
	{ "nf_cbpf", _binary_nf_cbpf_bpf_o_start, _binary_nf_cbpf_bpf_o_end },
	{ "tc_cbpf", _binary_tc_cbpf_bpf_o_start, _binary_tc_cbpf_bpf_o_end },
	{ "nf_clock", _binary_nf_clock_bpf_o_start, _binary_nf_clock_bpf_o_end },
	{ "tc_clock", _binary_tc_clock_bpf_o_start, _binary_tc_clock_bpf_o_end },
	{ "nf_statistic", _binary_nf_statistic_bpf_o_start, _binary_nf_statistic_bpf_o_end },
	{ "tc_statistic", _binary_tc_statistic_bpf_o_start, _binary_tc_statistic_bpf_o_end },
	{ "nf_sctp", _binary_nf_sctp_bpf_o_start, _binary_nf_sctp_bpf_o_end },
	{ "nf_text", _binary_nf_text_bpf_o_start, _binary_nf_text_bpf_o_end },
	{ "tc_sctp", _binary_tc_sctp_bpf_o_start, _binary_tc_sctp_bpf_o_end },
	{ "tc_text", _binary_tc_text_bpf_o_start, _binary_tc_text_bpf_o_end },
	{ "nf_u32", _binary_nf_u32_bpf_o_start, _binary_nf_u32_bpf_o_end },
	{ "tc_u32", _binary_tc_u32_bpf_o_start, _binary_tc_u32_bpf_o_end },
};

const void *xtbpf_runtime(const char *name, size_t *size)
{
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		if (strcmp(objects[i].name, name) != 0)
			continue;
		*size = (size_t)(objects[i].end - objects[i].start);
		return objects[i].start;
	}
	return NULL;
}
