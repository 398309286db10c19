/* SPDX-License-Identifier: GPL-2.0-only */
/* What the box must look like for a table's rules to have something to match. */
#include <stdio.h>
#include <string.h>

#include "tests/diff/aim.h"

struct name_count {
	char name[IFNAMSIZ];
	unsigned int in, out;
};

/* A device that the rule's interface would match; false when there is none to make. */
static bool concrete(const struct r_iface *i, char out[IFNAMSIZ])
{
	size_t n;

	if (!i->set)
		return false;
	snprintf(out, IFNAMSIZ, "%.15s", i->name);
	n = strlen(out);
	if (n && out[n - 1] == '+')
		out[n - 1] = '0';
	return n && strcmp(out, "lo") && strcmp(out, "0") && strcmp(out, ".") &&
	       !strpbrk(out, "/: ");
}

static void count(struct name_count *c, unsigned int *n, unsigned int max, const struct r_iface *i,
		  bool in)
{
	char name[IFNAMSIZ];
	unsigned int k;

	if (!concrete(i, name))
		return;
	for (k = 0; k < *n && strcmp(c[k].name, name); k++)
		;
	if (k == max)
		return;
	if (k == *n) {
		memset(&c[k], 0, sizeof(c[k]));
		memcpy(c[(*n)++].name, name, IFNAMSIZ);
	}
	c[k].in += in;
	c[k].out += !in;
}

static void choose_devices(const struct r_table *t, struct topo_conf *out)
{
	struct name_count c[64];
	unsigned int n = 0;
	int best[2] = { -1, -1 };

	for (unsigned int i = 0; i < t->nrule; i++) {
		count(c, &n, 64, &t->rule[i].in, true);
		count(c, &n, 64, &t->rule[i].out, false);
	}
	for (unsigned int k = 0; k < n; k++)
		if (best[0] < 0 || c[k].in > c[best[0]].in)
			best[0] = (int)k;
	for (unsigned int k = 0; k < n; k++)
		if ((int)k != best[0] &&
		    (best[1] < 0 || c[k].in + c[k].out > c[best[1]].in + c[best[1]].out))
			best[1] = (int)k;
	for (int d = 0; d < 2; d++)
		if (best[d] >= 0)
			memcpy(out->dev[d], c[best[d]].name, IFNAMSIZ);
	/* the only name in the rules is our default for the other device */
	if (!strcmp(out->dev[0], out->dev[1]))
		strcpy(out->dev[1], strcmp(out->dev[0], "c0") ? "c0" : "s0");
}

static bool usable_local(int family, const uint8_t *a)
{
	if (family == 4)
		return a[0] && a[0] != 127 && a[0] < 224;
	return (a[0] & 0xe0) == 0x20 || (a[0] & 0xfe) == 0xfc;
}

void aim_conf(const struct r_table *t, struct topo_conf *out)
{
	uint8_t full[16];
	size_t len = t->family == 4 ? 4 : 16;

	topo_conf_init(out, t->family);
	choose_devices(t, out);
	memset(full, 0xff, sizeof(full));
	for (unsigned int i = 0; i < t->nrule && out->nlocal < TOPO_LOCALS; i++) {
		const struct r_rule *r = &t->rule[i];
		const struct r_addr *d = &r->dst;
		bool have = false;

		/* only what can be meant for the box itself */
		if (!d->set || t->chain[r->chain].hook == 2 || memcmp(d->m, full, len) ||
		    !usable_local(t->family, d->a))
			continue;
		for (unsigned int k = 0; k < out->nlocal; k++)
			have |= !memcmp(out->local[k], d->a, len);
		if (!have)
			memcpy(out->local[out->nlocal++], d->a, 16);
	}
}
