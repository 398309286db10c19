// SPDX-License-Identifier: GPL-2.0-only
#include "callees.h"

#include <linux/types.h>
#include <string.h>

#include "translator/bpf/payload.h"

/* What the hooks' runtimes bring (look_nf.h, look_tc.h). */
struct look {
	const uint8_t *l3;
	uint32_t len;
};

static int look_read(struct look *l, uint32_t at, void *to, uint32_t n)
{
	if (at > l->len || n > l->len - at)
		return -1;
	memcpy(to, l->l3 + at, n);
	return 0;
}

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define bpf_loop(n, step, ctx, flags)                                                              \
	do                                                                                         \
		for (uint32_t at_ = 0; at_ < (n) && !step(at_, ctx); at_++)                        \
			;                                                                          \
	while (0)
#define bpf_get_prandom_u32() 0u

#include "translator/bpf/cbpf.h"
#include "translator/bpf/clock.h"
#include "translator/bpf/sctp.h"
#include "translator/bpf/statistic.h"
#include "translator/bpf/text.h"
#include "translator/bpf/u32.h"

int callee_run(const struct xtbpf_callee *to, const void *data, const struct xtbpf_packet *pkt,
	       uint32_t thoff)
{
	struct look l = { pkt->l3, pkt->len };
	void *own = (void *)(uintptr_t)data; /* the rule's, and meant to be written */

	if (!strcmp(to->name, "u32"))
		return u32_holds(&l, data);
	if (!strcmp(to->name, "sctp"))
		return sctp_holds(&l, thoff, data);
	if (!strcmp(to->name, "cbpf"))
		return cbpf_run(&l, data) != 0;
	if (!strcmp(to->name, "text"))
		return text_found(&l, data);
	if (!strcmp(to->name, "nth"))
		return statistic_nth(own);
	if (!strcmp(to->name, "random")) /* only what is certain can be compared */
		return ((const struct xtbpf_random *)data)->probability >> 31;
	if (!strcmp(to->name, "clock")) {
		const struct xtbpf_time *t = data;

		return clock_holds(t, pkt->time - (t->local ? 60 * (int64_t)pkt->minutes_west : 0));
	}
	return -1;
}
