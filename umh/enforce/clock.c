// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's clock, for programs that only know TAI (-m time). */
#include <bpf/bpf.h>
#include <sys/time.h>
#include <sys/timex.h>

#include "internal.h"

void clock_write(const struct xtbpf_enforce *e)
{
	struct timex tx = { .modes = 0 };
	struct timezone tz = { 0 };
	struct timeval tv;
	struct xtbpf_clock now = { 0 }, was = { 0 };
	uint32_t zero = 0;

	if (adjtimex(&tx) >= 0)
		now.tai_offset = tx.tai;
	if (!gettimeofday(&tv, &tz))
		now.minutes_west = tz.tz_minuteswest;
	if (!bpf_map_lookup_elem(e->env_fd[ENV_CLOCK], &zero, &was) &&
	    was.tai_offset == now.tai_offset && was.minutes_west == now.minutes_west)
		return;
	bpf_map_update_elem(e->env_fd[ENV_CLOCK], &zero, &now, BPF_ANY);
}
