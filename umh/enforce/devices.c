/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which device gets which gate. Deciding gates (attach=tc) go on every device
 * whose packets the IP stack sees, loopback included; early-drop gates only
 * where frames come in from outside.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../bpfsys.h"
#include "../cleanup.h"
#include "../log.h"
#include "../watch/watch.h"
#include "internal.h"

struct job {
	struct xtbpf_enforce *e;
	const struct xtbpf_change *c;
	struct xtbpf_reason *why;
};

/* A slot that runs something, or will when the change is committed. */
static bool wanted(const struct job *job, enum slot_map map, uint32_t slot)
{
	const struct staged *st = job->c ? change_staged(job->c, map, slot) : NULL;

	return (st && st->prog.fd >= 0) || job->e->slots[map][slot].prog.fd >= 0;
}

static bool any_wanted(const struct job *job)
{
	if (job->e->early[XTBPF_IPV4] || job->e->early[XTBPF_IPV6] || (job->c && job->c->early))
		return true;
	for (int map = SLOTS_XDP; map <= SLOTS_TC; map++)
		for (uint32_t slot = 0; slot < XTBPF_NSLOT; slot++)
			if (wanted(job, (enum slot_map)map, slot))
				return true;
	return false;
}

static bool decides_wanted(const struct job *job)
{
	for (uint32_t slot = 0; slot < XTBPF_SLOT_EARLY(0); slot++)
		if (wanted(job, SLOTS_TC, slot))
			return true;
	return false;
}

bool devices_decide(struct xtbpf_enforce *e)
{
	const struct job job = { .e = e };

	return decides_wanted(&job);
}

/* ---- XDP or TC for early drop ---------------------------------------- */

static void driver_name(const struct device *d, char out[32])
{
	_cleanup_fd_ int sk = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq req = { 0 };

	memcpy(req.ifr_name, d->name, IFNAMSIZ);
	req.ifr_name[IFNAMSIZ - 1] = '\0';
	req.ifr_data = (void *)&info;
	out[0] = '\0';
	if (sk >= 0 && ioctl(sk, SIOCETHTOOL, &req) == 0)
		snprintf(out, 32, "%.31s", info.driver);
}

/*
 * On software devices native XDP costs offloads (veth and tun lose GSO,
 * virtio_net loses GRO and LRO), so only a user who asks gets it there.
 */
static bool xdp_wanted(const struct device *d)
{
	char driver[32];

	switch (xtbpf_env()->early) {
	case XTBPF_EARLY_XDP:
		return d->ether;
	case XTBPF_EARLY_AUTO:
		if (!d->ether || d->kind[0])
			return false;
		driver_name(d, driver);
		return driver[0] && strcmp(driver, "veth") && strcmp(driver, "tun") &&
		       strcmp(driver, "virtio_net");
	default:
		return false;
	}
}

static const uint32_t xdp_slot = XTBPF_SLOT_EARLY(XTBPF_IPV4);

static bool attach_xdp(struct job *job, const struct device *d)
{
	struct attachment *have = link_find(job->e, SLOTS_XDP, xdp_slot, d->ifindex);
	int err;

	/* With tags taken off by hardware, a VLAN's frames look like this device's own at XDP. */
	if (d->vlans) {
		if (have)
			link_detach(job->e, have);
		return false;
	}
	if (!wanted(job, SLOTS_XDP, XTBPF_SLOT_EARLY(XTBPF_IPV4)) &&
	    !wanted(job, SLOTS_XDP, XTBPF_SLOT_EARLY(XTBPF_IPV6)))
		return false;
	if (have)
		return true;
	if (!xdp_wanted(d))
		return false;
	err = link_attach(job->e, &link_xdp, SLOTS_XDP, xdp_slot, d->ifindex, job->why);
	if (!err)
		return true;
	enforce_note(job->e, "%s: no XDP (%s), TC instead", d->name,
		     err == -EBUSY ? "somebody else's program is there" : strerror(-err));
	job->why->text[0] = '\0';
	return false;
}

/* ---- kinds of early-drop programs ------------------------------------- */

struct kinds_job {
	struct xtbpf_enforce *e;
	unsigned int kinds;
};

/* Where XDP may yet fail TC is wanted, too. */
static int find_kinds(void *arg)
{
	struct kinds_job *k = arg;
	const struct devices *devs = watch_devices(k->e->watch);

	for (size_t i = 0; i < devs->n; i++) {
		const struct device *d = &devs->v[i];
		bool has = !d->vlans && link_find(k->e, SLOTS_XDP, xdp_slot, d->ifindex);

		if (!d->early || d->port)
			continue;
		if (has || (!d->vlans && xdp_wanted(d)))
			k->kinds |= 1u << SLOTS_XDP;
		if (!has)
			k->kinds |= 1u << SLOTS_TC;
	}
	return 0;
}

int devices_kinds(struct xtbpf_enforce *e, unsigned int *kinds)
{
	struct kinds_job k = { .e = e };
	int err = watch_wake(e->watch);

	if (!err)
		err = xtbpf_ns_enter(e->ns->fd, find_kinds, &k);
	if (!err)
		*kinds = k.kinds;
	return err;
}

/* A device has come that wants a kind of program that is not loaded. */
static bool early_missing(struct xtbpf_enforce *e)
{
	struct kinds_job k = { .e = e };
	bool missing = false;

	if (xtbpf_ns_enter(e->ns->fd, find_kinds, &k))
		return false;
	for (int f = 0; f < XTBPF_NFAMILY; f++)
		for (int map = SLOTS_XDP; e->early[f] && map <= SLOTS_TC; map++)
			missing |= k.kinds & 1u << map &&
				   e->slots[map][XTBPF_SLOT_EARLY(f)].prog.fd < 0;
	return missing;
}

/* ---- TC -------------------------------------------------------------- */

bool devices_no_tcx;

static int attach_tc(struct job *job, const struct device *d, uint32_t slot)
{
	int err = -EINVAL;

	if (link_find(job->e, SLOTS_TC, slot, d->ifindex))
		return 0;
	if (!devices_no_tcx)
		err = link_attach(job->e, &link_tcx, SLOTS_TC, slot, d->ifindex, job->why);
	if (err == -EINVAL) {
		devices_no_tcx = true;
		err = link_attach(job->e, &link_clsact, SLOTS_TC, slot, d->ifindex, job->why);
	}
	if (err == -ENODEV) /* went away meanwhile */
		return 0;
	if (err)
		return enforce_why(job->why, err, "tc gate on %s: %s", d->name, strerror(-err));
	return 0;
}

static int sync_device(struct job *job, const struct device *d)
{
	int err = 0;

	if (d->port)
		return 0;
	for (uint32_t slot = 0; !err && slot < XTBPF_SLOT_EARLY(0); slot++)
		if (wanted(job, SLOTS_TC, slot))
			err = attach_tc(job, d, slot);
	if (err || !d->early || attach_xdp(job, d))
		return err;
	for (int f = 0; f < XTBPF_NFAMILY; f++) {
		uint32_t slot = (uint32_t)XTBPF_SLOT_EARLY(f);

		if (wanted(job, SLOTS_TC, slot) && attach_tc(job, d, slot)) {
			/* only a shortcut is missing */
			enforce_note(job->e, "%s: no early drop: %s", d->name, job->why->text);
			job->why->text[0] = '\0';
		}
	}
	return err;
}

/* ---- devices that went, or went elsewhere ---------------------------- */

static const struct device *find_device(const struct devices *devs, int ifindex)
{
	for (size_t i = 0; i < devs->n; i++)
		if (devs->v[i].ifindex == ifindex)
			return &devs->v[i];
	return NULL;
}

/* The index may be another device's by now: then the link says 0. */
static bool is_dead(const struct attachment *a, const struct devices *devs)
{
	const struct device *d = find_device(devs, a->ifindex);
	struct xtbpf_link info;

	if (!d || d->port)
		return true;
	return a->fd >= 0 && !xtbpf_bpf_link_info(a->fd, &info) &&
	       info.ifindex != (uint32_t)a->ifindex;
}

static void drop_dead(struct xtbpf_enforce *e, const struct devices *devs)
{
	struct attachment *next;

	for (struct attachment *a = e->links; a; a = next) {
		next = a->next;
		if (a->ifindex && is_dead(a, devs))
			link_detach(e, a);
	}
}

static int sync_all(void *arg)
{
	struct job *job = arg;
	const struct devices *devs = watch_devices(job->e->watch);
	int err = 0;

	drop_dead(job->e, devs);
	for (size_t i = 0; i < devs->n; i++) {
		int ret = sync_device(job, &devs->v[i]);

		err = err ? err : ret;
	}
	return err;
}

int devices_sync(struct xtbpf_enforce *e, const struct xtbpf_change *c, struct xtbpf_reason *why)
{
	struct job job = { .e = e, .c = c, .why = why };
	int err;

	if (!any_wanted(&job))
		return 0;
	/* by events the list is fresh; before a change, make sure */
	if (c ? !c->awake : !watch_awake(e->watch)) {
		err = watch_wake(e->watch);
		if (err && !decides_wanted(&job)) {
			enforce_note(e, "no early drop: devices cannot be read: %s",
				     strerror(-err));
			return 0;
		}
		if (err)
			return enforce_why(why, err, "devices and routes cannot be read: %s",
					   strerror(-err));
	}
	if (!c && early_missing(e))
		change_reload_early(e); /* a shortcut: noted when it fails */
	return xtbpf_ns_enter(e->ns->fd, sync_all, &job);
}

/* ---- others ---------------------------------------------------------- */

bool devices_foreign(struct xtbpf_enforce *e, struct buses *b, const struct device *d)
{
	uint32_t ids[64];
	int tcx = xtbpf_bpf_tcx_query(d->ifindex, false, ids, 64);
	int filters = facts_filters(b, d->ifindex);

	for (struct attachment *a = e->links; a; a = a->next) {
		if (a->map != SLOTS_TC || a->ifindex != d->ifindex || slot_is_egress(a->slot))
			continue;
		if (a->ops == &link_clsact)
			filters--;
		else
			tcx--;
	}
	return tcx > 0 || filters > 0;
}

/* ---- status ---------------------------------------------------------- */

static json_object *gates_status(struct xtbpf_enforce *e, const struct device *d)
{
	json_object *list = json_object_new_array();

	for (struct attachment *a = e->links; a; a = a->next) {
		json_object *o;

		if (a->ifindex != d->ifindex)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "link", json_object_new_string(a->ops->name));
		json_object_object_add(
			o, "direction",
			json_object_new_string(slot_is_egress(a->slot) ? "egress" : "ingress"));
		json_object_object_add(o, "role",
				       json_object_new_string(a->slot >= XTBPF_SLOT_EARLY(0)
								      ? "early drop"
								      : "decides"));
		json_object_array_add(list, o);
	}
	return list;
}

json_object *devices_status(struct xtbpf_enforce *e)
{
	const struct devices *devs = watch_devices(e->watch);
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < devs->n; i++) {
		const struct device *d = &devs->v[i];
		json_object *o = json_object_new_object();

		json_object_object_add(o, "name", json_object_new_string(d->name));
		json_object_object_add(o, "gates", gates_status(e, d));
		if (d->port)
			json_object_object_add(
				o, "note", json_object_new_string("a port: its master is judged"));
		json_object_array_add(list, o);
	}
	return list;
}
