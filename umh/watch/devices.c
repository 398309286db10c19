/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices of a namespace, by RTM_GETLINK. */
#include <errno.h>
#include <sys/socket.h>

#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "../cleanup.h"
#include "facts.h"
#include "netlink.h"

struct found {
	struct device dev;
	int lower; /* IFLA_LINK */
};

struct collect {
	struct found *v;
	size_t n, cap;
};

static void take_string(char *out, size_t size, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len >= size)
		len = size - 1;
	memcpy(out, mnl_attr_get_payload(attr), len);
	out[len] = '\0';
}

/* Ports give everything they receive to their master; a VRF's members do not. */
static void take_linkinfo(struct device *d, const struct nlattr *info)
{
	const struct nlattr *attr;
	char slave[16] = "";

	mnl_attr_for_each_nested(attr, info)
	{
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			take_string(d->kind, sizeof(d->kind), attr);
		else if (mnl_attr_get_type(attr) == IFLA_INFO_SLAVE_KIND)
			take_string(slave, sizeof(slave), attr);
	}
	if (slave[0]) {
		d->early = false;
		d->port = strcmp(slave, "vrf") != 0;
	}
}

static int32_t conf_value(const struct nlattr *array, unsigned int index)
{
	int32_t value = 0;

	if (mnl_attr_get_payload_len(array) >= (index + 1) * sizeof(value))
		memcpy(&value, (const char *)mnl_attr_get_payload(array) + index * sizeof(value),
		       sizeof(value));
	return value;
}

/* The device's sysctls travel with the link (inet_fill_link_af, inet6_fill_link_af). */
static void take_af_spec(struct device *d, const struct nlattr *spec)
{
	const struct nlattr *af, *attr;

	mnl_attr_for_each_nested(af, spec)
	{
		mnl_attr_for_each_nested(attr, af)
		{
			if (mnl_attr_get_type(af) == AF_INET &&
			    mnl_attr_get_type(attr) == IFLA_INET_CONF) {
				d->forward4 = conf_value(attr, IPV4_DEVCONF_FORWARDING - 1) != 0;
				d->rp_filter =
					(uint8_t)conf_value(attr, IPV4_DEVCONF_RP_FILTER - 1);
			} else if (mnl_attr_get_type(af) == AF_INET6 &&
				   mnl_attr_get_type(attr) == IFLA_INET6_CONF) {
				d->disabled6 = conf_value(attr, DEVCONF_DISABLE_IPV6) != 0;
			}
		}
	}
}

static void take_xdp(struct device *d, const struct nlattr *xdp)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, xdp)
	{
		if (mnl_attr_get_type(attr) == IFLA_XDP_PROG_ID &&
		    mnl_attr_get_payload_len(attr) >= 4)
			d->xdp_id = mnl_attr_get_u32(attr);
	}
}

static void take_attr(struct found *f, const struct nlattr *attr)
{
	struct device *d = &f->dev;
	uint16_t len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		take_string(d->name, sizeof(d->name), attr);
		break;
	case IFLA_ADDRESS:
		if (len == sizeof(d->mac))
			memcpy(d->mac, mnl_attr_get_payload(attr), len);
		break;
	case IFLA_LINK:
		if (len >= 4)
			f->lower = (int)mnl_attr_get_u32(attr);
		break;
	case IFLA_LINKINFO:
		take_linkinfo(d, attr);
		break;
	case IFLA_MASTER:
		/* whoever has a master without saying its kind is a port too */
		d->early = false;
		break;
	case IFLA_AF_SPEC:
		take_af_spec(d, attr);
		break;
	case IFLA_XDP:
		take_xdp(d, attr);
		break;
	default:
		break;
	}
}

static int on_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct collect *c = arg;
	const struct nlattr *attr;
	struct found *f;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct found *more = realloc(c->v, cap * sizeof(*more));

		if (!more) {
			errno = ENOMEM;
			return MNL_CB_ERROR;
		}
		c->v = more;
		c->cap = cap;
	}
	f = &c->v[c->n++];
	*f = (struct found){ .dev = { .ifindex = ifi->ifi_index,
				      .ether = ifi->ifi_type == ARPHRD_ETHER,
				      .loopback = (ifi->ifi_flags & IFF_LOOPBACK) != 0,
				      .up = (ifi->ifi_flags & IFF_UP) != 0,
				      .early = !(ifi->ifi_flags & IFF_LOOPBACK) } };
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) take_attr(f, attr);
	return MNL_CB_OK;
}

/*
 * ipvlan takes frames off its parent by IP address, macvlan in its passthru and
 * source modes whatever their address is.
 */
static bool takes_frames(const char *kind)
{
	static const char *const kinds[] = { "ipvlan", "ipvtap", "macvlan", "macvtap" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

static void mark_lower(struct collect *c)
{
	for (size_t i = 0; i < c->n; i++) {
		bool takes = takes_frames(c->v[i].dev.kind);
		bool vlan = !strcmp(c->v[i].dev.kind, "vlan");

		for (size_t k = 0; (takes || vlan) && k < c->n; k++) {
			if (c->v[k].dev.ifindex != c->v[i].lower)
				continue;
			c->v[k].dev.shared |= takes;
			c->v[k].dev.vlans |= vlan;
		}
	}
}

int facts_devices(struct buses *b, struct devices *out)
{
	struct ifinfomsg request = { .ifi_family = AF_UNSPEC };
	struct collect c = { 0 };
	struct devices got;
	int err = nl_dump(b->route, RTM_GETLINK, &request, sizeof(request), on_link, &c);

	if (err) {
		free(c.v);
		return err;
	}
	mark_lower(&c);
	got.n = c.n;
	got.v = calloc(c.n + 1, sizeof(*got.v));
	for (size_t i = 0; got.v && i < c.n; i++)
		got.v[i] = c.v[i].dev;
	free(c.v);
	if (!got.v)
		return -ENOMEM;
	*out = got;
	return 0;
}
