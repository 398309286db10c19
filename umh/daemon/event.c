// SPDX-License-Identifier: GPL-2.0-only
/* The event loop; see event.h. The helper has one thread, so the default loop is the only one. */
#include "event.h"

sd_event *xtbpf_event(void)
{
	static sd_event *loop;

	if (!loop && sd_event_default(&loop) < 0)
		loop = NULL;
	return loop;
}
