// SPDX-License-Identifier: GPL-2.0-only
/* What a reply owns; see request.h. */
#include "request.h"

#include <stdlib.h>
#include <string.h>

void xtbpf_reply_release(struct xtbpf_reply *reply)
{
	free(reply->data);
	free(reply->counters);
	free(reply->why);
	memset(reply, 0, sizeof(*reply));
}
