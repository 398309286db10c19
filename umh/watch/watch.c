/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events of one namespace. Whatever happens, early drop is withdrawn first; it
 * comes back when the maps have been read anew and are right again.
 */
#include "watch.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "../cleanup.h"
#include "../daemon/event.h"
#include "../enforce/internal.h"
#include "../log.h"
#include "envmaps.h"
#include "netlink.h"

#define SETTLE_US 20000 /* events come in bursts */
#define RETRY_US 200000
#define NEVENTS 3

struct xtbpf_watch {
	struct xtbpf_enforce *e;
	struct buses buses;
	struct mnl_socket *events[NEVENTS];
	sd_event_source *source[NEVENTS];
	sd_event_source *timer;
	bool awake;
	bool routes_dirty;
	struct devices devs;
	struct locals locals[XTBPF_NFAMILY];
	struct rest rest;
};

/* ---- reading and writing --------------------------------------------- */

static int read_devices(struct xtbpf_watch *w)
{
	struct devices now = { 0 };
	int err = -EINTR;

	for (int i = 0; i < 3 && err == -EINTR; i++)
		err = facts_devices(&w->buses, &now);
	if (err)
		return err;
	free(w->devs.v);
	w->devs = now;
	return 0;
}

static int env_local(enum xtbpf_family family)
{
	return family == XTBPF_IPV4 ? ENV_LOCAL4 : ENV_LOCAL6;
}

static int read_routes(struct xtbpf_watch *w, enum xtbpf_family family)
{
	int fd = w->e->env_fd[env_local(family)];
	struct locals now = { 0 };
	int err = -EINTR;

	for (int i = 0; i < 3 && err == -EINTR; i++)
		err = facts_locals(&w->buses, family, &now);
	if (err)
		return err;
	err = locals_store(fd, family, &w->locals[family], &now);
	if (err) {
		/* no telling what it holds now */
		free(now.v);
		free(w->locals[family].v);
		w->locals[family] = (struct locals){ 0 };
		locals_load(fd, family, &w->locals[family]);
		return err;
	}
	free(w->locals[family].v);
	w->locals[family] = now;
	return 0;
}

static bool early_here(struct xtbpf_watch *w, const struct device *d)
{
	return d->early && !d->port && !d->shared &&
	       !(w->rest.bridge_netfilter && !strcmp(d->kind, "bridge")) &&
	       !devices_foreign(w->e, &w->buses, d);
}

static int write_devices(struct xtbpf_watch *w)
{
	int fd = w->e->env_fd[ENV_DEV];
	int err = 0;

	for (size_t i = 0; i < w->devs.n; i++) {
		const struct device *d = &w->devs.v[i];
		bool early = early_here(w, d);
		struct xtbpf_dev entry;
		int ret;

		dev_entry(d, &w->rest, early && !w->rest.why[XTBPF_IPV4][0],
			  early && !w->rest.why[XTBPF_IPV6][0] && !d->disabled6, &entry);
		ret = dev_store(fd, d->ifindex, &entry);
		/* a full map: the devices that are not in it get no early drop */
		if (ret && ret != -E2BIG)
			err = ret;
	}
	return err ? err : dev_prune(fd, &w->devs);
}

/* In the namespace. */
static int read_all(void *arg)
{
	struct xtbpf_watch *w = arg;
	int err = read_devices(w);

	if (err)
		return err;
	facts_rest(&w->buses, &w->rest);
	for (int f = 0; w->routes_dirty && f < XTBPF_NFAMILY; f++) {
		int ret = read_routes(w, (enum xtbpf_family)f);

		if (ret == -E2BIG || ret == -EOPNOTSUPP || ret == -EAFNOSUPPORT)
			snprintf(w->rest.why[f], sizeof(w->rest.why[f]), "%s",
				 ret == -E2BIG ? "more local routes than we hold"
					       : "routes cannot be read");
		else if (ret)
			return ret;
	}
	w->routes_dirty = false;
	return write_devices(w);
}

static void later(struct xtbpf_watch *w, uint64_t us);

static int refresh(struct xtbpf_watch *w)
{
	int err = xtbpf_ns_enter(w->e->ns->fd, read_all, w);

	if (err) {
		xtbpf_log(XTBPF_WARN, "namespace %llu: %s; no early drop until it can be read",
			  (unsigned long long)w->e->ns->ino, strerror(-err));
		dev_withdraw(w->e->env_fd[ENV_DEV]);
		w->routes_dirty = true;
		later(w, RETRY_US);
	}
	return err;
}

/* ---- events ---------------------------------------------------------- */

static int on_timer(sd_event_source *s, uint64_t usec, void *arg)
{
	struct xtbpf_watch *w = arg;
	struct xtbpf_reason why = { 0 };

	if (!refresh(w) && devices_sync(w->e, NULL, &why))
		xtbpf_log(XTBPF_WARN, "namespace %llu: %s", (unsigned long long)w->e->ns->ino,
			  why.text);
	return 0;
}

static void later(struct xtbpf_watch *w, uint64_t us)
{
	uint64_t now;

	if (!w->timer || sd_event_now(xtbpf_event(), CLOCK_MONOTONIC, &now) < 0)
		return;
	sd_event_source_set_time(w->timer, now + us);
	sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

static void disturbed(struct xtbpf_watch *w)
{
	dev_withdraw(w->e->env_fd[ENV_DEV]);
	later(w, devices_decide(w->e) ? 0 : SETTLE_US);
}

/* Whether a message changes anything for us; route messages have their own measure. */
static bool matters(struct xtbpf_watch *w, const struct nlmsghdr *nlh)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE)
		return true;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm))
		return true;
	if (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6)
		return false;
	if (!facts_route_matters(nlh,
				 &w->locals[rtm->rtm_family == AF_INET ? XTBPF_IPV4 : XTBPF_IPV6]))
		return false;
	w->routes_dirty = true;
	return true;
}

static int on_event(sd_event_source *s, int fd, uint32_t revents, void *arg)
{
	struct xtbpf_watch *w = arg;
	char buf[16384] __attribute__((aligned(8)));
	bool hit = false;

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			/* messages were lost: anything may have happened */
			hit = true;
			w->routes_dirty = true;
			continue;
		}
		if (n <= 0)
			break;
		if (fd != mnl_socket_get_fd(w->events[0]))
			hit = true;
		for (; fd == mnl_socket_get_fd(w->events[0]) && mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left))
			hit |= w->awake && matters(w, nlh);
	}
	if (hit && w->awake)
		disturbed(w);
	return 0;
}

static struct mnl_socket *listen_to(int bus, const unsigned int *groups)
{
	struct mnl_socket *nl = nl_open(bus);

	/* a group that this kernel lacks has no events either */
	for (; nl && *groups; groups++)
		mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, (void *)groups, sizeof(*groups));
	return nl;
}

/* In the namespace: sockets belong to where they are made. */
static int open_sockets(void *arg)
{
	static const unsigned int route[] = { RTNLGRP_LINK,
					      RTNLGRP_IPV4_IFADDR,
					      RTNLGRP_IPV6_IFADDR,
					      RTNLGRP_IPV4_ROUTE,
					      RTNLGRP_IPV6_ROUTE,
					      RTNLGRP_IPV4_RULE,
					      RTNLGRP_IPV6_RULE,
					      RTNLGRP_IPV4_NETCONF,
					      RTNLGRP_IPV6_NETCONF,
					      RTNLGRP_TC,
					      0 };
	static const unsigned int nft[] = { NFNLGRP_NFTABLES, 0 };
	static const unsigned int xfrm[] = { XFRMNLGRP_POLICY, 0 };
	struct xtbpf_watch *w = arg;
	int err = buses_open(&w->buses);

	if (err)
		return err;
	w->events[0] = listen_to(NETLINK_ROUTE, route);
	if (!w->events[0])
		return -errno;
	w->events[1] = listen_to(NETLINK_NETFILTER, nft);
	w->events[2] = listen_to(NETLINK_XFRM, xfrm);
	return 0;
}

static int start(struct xtbpf_watch *w)
{
	sd_event *loop = xtbpf_event();
	int ret;

	if (!loop)
		return -ENOMEM;
	for (int i = 0; i < NEVENTS; i++) {
		if (!w->events[i])
			continue;
		ret = sd_event_add_io(loop, &w->source[i], mnl_socket_get_fd(w->events[i]), EPOLLIN,
				      on_event, w);
		if (ret < 0)
			return ret;
	}
	ret = sd_event_add_time(loop, &w->timer, CLOCK_MONOTONIC, 0, 1000, on_timer, w);
	if (ret < 0)
		return ret;
	return sd_event_source_set_enabled(w->timer, SD_EVENT_OFF);
}

/* ---- the interface --------------------------------------------------- */

int watch_open(struct xtbpf_enforce *e, struct xtbpf_watch **out)
{
	struct xtbpf_watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->e = e;
	w->routes_dirty = true;
	err = xtbpf_ns_enter(e->ns->fd, open_sockets, w);
	if (!err)
		err = start(w);
	for (int f = 0; !err && f < XTBPF_NFAMILY; f++)
		err = locals_load(e->env_fd[env_local((enum xtbpf_family)f)], (enum xtbpf_family)f,
				  &w->locals[f]);
	if (err < 0) {
		watch_close(w);
		return err;
	}
	*out = w;
	return 0;
}

void watch_close(struct xtbpf_watch *w)
{
	if (!w)
		return;
	sd_event_source_disable_unref(w->timer);
	for (int i = 0; i < NEVENTS; i++) {
		sd_event_source_disable_unref(w->source[i]);
		if (w->events[i])
			mnl_socket_close(w->events[i]);
	}
	buses_close(&w->buses);
	free(w->devs.v);
	for (int f = 0; f < XTBPF_NFAMILY; f++)
		free(w->locals[f].v);
	free(w);
}

int watch_wake(struct xtbpf_watch *w)
{
	/* awake already: routes come by events, the rest is cheap to read again */
	w->routes_dirty |= !w->awake;
	w->awake = true;
	return refresh(w);
}

bool watch_awake(const struct xtbpf_watch *w)
{
	return w->awake;
}

const struct devices *watch_devices(const struct xtbpf_watch *w)
{
	return &w->devs;
}

void watch_tick(struct xtbpf_watch *w)
{
	clock_write(w->e);
	if (w->awake)
		refresh(w);
}

const char *watch_state(const struct xtbpf_watch *w, enum xtbpf_family family)
{
	return w->rest.why[family][0] ? w->rest.why[family] : "active";
}

void xtbpf_enforce_refresh(struct xtbpf_enforce *e)
{
	e->watch->routes_dirty = true;
	if (e->watch->awake)
		on_timer(NULL, 0, e->watch);
}
