/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our links and descriptors keep a namespace alive. When nobody else holds one
 * any more it is let go; there is no event for that, so we look.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>

#include "../cleanup.h"
#include "../daemon/event.h"
#include "../enforce/internal.h"
#include "../log.h"
#include "../ns_scan.h"
#include "watch.h"

#define PERIOD_US 2000000
#define MISSES 2 /* a descriptor may be on its way in a message while we look */

static sd_event_source *timer;

/* Namespaces other than our own, which we use by being here. */
static size_t collect(struct xtbpf_ns_user **out)
{
	struct xtbpf_ns_user *users;
	struct stat own = { 0 };
	size_t n = 0;

	stat("/proc/self/ns/net", &own);
	for (struct xtbpf_ns *ns = xtbpf_ns_first(); ns; ns = ns->next)
		n++;
	users = calloc(n + 1, sizeof(*users));
	if (!users)
		return 0;
	n = 0;
	for (struct xtbpf_ns *ns = xtbpf_ns_first(); ns; ns = ns->next)
		if (ns->ino != own.st_ino)
			users[n++] = (struct xtbpf_ns_user){ .ino = ns->ino, .fd = -1 };
	*out = users;
	return n;
}

static void judge(const struct xtbpf_ns_user *user)
{
	struct xtbpf_ns *ns = xtbpf_ns_first();

	while (ns && ns->ino != user->ino)
		ns = ns->next;
	if (!ns)
		return;
	if (user->fd >= 0) {
		ns->misses = 0;
		return;
	}
	if (++ns->misses < MISSES)
		return;
	xtbpf_log(XTBPF_INFO, "namespace %llu is used by nobody: let go",
		  (unsigned long long)ns->ino);
	xtbpf_ns_drop(ns);
}

static int on_period(sd_event_source *s, uint64_t usec, void *arg)
{
	_cleanup_free_ struct xtbpf_ns_user *users = NULL;
	size_t n = collect(&users);

	if (n && xtbpf_ns_scan(users, n) == 0) {
		for (size_t i = 0; i < n; i++)
			judge(&users[i]);
	}
	for (size_t i = 0; i < n; i++)
		xtbpf_cleanup_fd(&users[i].fd);
	for (struct xtbpf_ns *ns = xtbpf_ns_first(); ns; ns = ns->next)
		if (ns->enforce)
			enforce_tick(ns->enforce);
	sd_event_source_set_time_relative(s, PERIOD_US);
	return sd_event_source_set_enabled(s, xtbpf_ns_first() ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

int life_start(void)
{
	sd_event *loop = xtbpf_event();

	if (!loop)
		return -ENOMEM;
	if (!timer) {
		int ret = sd_event_add_time_relative(loop, &timer, CLOCK_MONOTONIC, PERIOD_US,
						     100000, on_period, NULL);

		return ret < 0 ? ret : 0;
	}
	sd_event_source_set_time_relative(timer, PERIOD_US);
	return sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}
