/* SPDX-License-Identifier: GPL-2.0-only */
/* Which destinations are surely ours: routes of a namespace of our own into env_local. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <arpa/inet.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "translator/bpf/env.h"
#include "umh/watch/envmaps.h"
#include "umh/watch/facts.h"

#define NONE 0

static struct buses buses;
static bool ready;

static void ip(const char *args)
{
	char command[256];

	snprintf(command, sizeof(command), "ip %s", args);
	assert_int_equal(system(command), 0);
}

static int enter(void **state)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET))
		return 0;
	ready = buses_open(&buses) == 0;
	if (!ready)
		return 0;
	ip("link set lo up");
	ip("link add v0 type veth peer name v1");
	ip("link set v0 up");
	ip("addr add 10.1.0.1/24 broadcast + dev v0");
	ip("-6 addr add fd00::1/64 dev v0 nodad");
	return 0;
}

static int leave(void **state)
{
	if (ready)
		buses_close(&buses);
	return 0;
}

/* What a lookup of the longest prefix would say. */
static int look(const char *text)
{
	enum xtbpf_family family = strchr(text, ':') ? XTBPF_IPV6 : XTBPF_IPV4;
	struct locals l = { 0 };
	uint8_t addr[16] = { 0 };
	int best = -1, value = NONE;

	assert_int_equal(inet_pton(family == XTBPF_IPV6 ? AF_INET6 : AF_INET, text, addr), 1);
	assert_int_equal(facts_locals(&buses, family, &l), 0);
	for (size_t i = 0; i < l.n; i++) {
		bool in = true;

		for (int bit = 0; bit < l.v[i].len; bit++)
			in &= !((addr[bit / 8] ^ l.v[i].addr[bit / 8]) & 0x80 >> bit % 8);
		if (in && l.v[i].len > best) {
			best = l.v[i].len;
			value = l.v[i].value;
		}
	}
	free(l.v);
	return value;
}

static void test_addresses(void **state)
{
	if (!ready)
		skip();
	assert_int_equal(look("10.1.0.1"), XTBPF_RT_LOCAL);
	assert_int_equal(look("10.1.0.255"), XTBPF_RT_BROADCAST);
	assert_int_equal(look("10.1.0.2"), NONE);
	assert_int_equal(look("127.0.0.1"), XTBPF_RT_ASK);
	assert_int_equal(look("224.0.0.1"), XTBPF_RT_ASK);
	assert_int_equal(look("255.255.255.255"), XTBPF_RT_ASK);
	assert_int_equal(look("0.0.0.0"), XTBPF_RT_ASK);
	assert_int_equal(look("fd00::1"), XTBPF_RT_LOCAL);
	assert_int_equal(look("fd00::2"), NONE);
	assert_int_equal(look("::1"), XTBPF_RT_ASK);
	assert_int_equal(look("ff02::1"), XTBPF_RT_ASK);
}

/* A local prefix is ours until something lies in it. */
static void test_cut(void **state)
{
	if (!ready)
		skip();
	ip("route add local 10.50.0.0/16 dev lo");
	assert_int_equal(look("10.50.9.9"), XTBPF_RT_LOCAL);
	ip("route add 10.50.8.0/24 via 10.1.0.2");
	assert_int_equal(look("10.50.9.9"), XTBPF_RT_ASK);
	assert_int_equal(look("10.50.8.8"), XTBPF_RT_ASK);
	ip("route del 10.50.8.0/24");
	assert_int_equal(look("10.50.9.9"), XTBPF_RT_LOCAL);
	ip("route add local 10.50.7.0/24 dev lo");
	assert_int_equal(look("10.50.9.9"), XTBPF_RT_LOCAL);
	assert_int_equal(look("10.50.7.9"), XTBPF_RT_LOCAL);
	ip("route flush table local 10.50.0.0/16");
	ip("route flush table local 10.50.7.0/24");
}

/* Local routes elsewhere than in table local are looked up later than others. */
static void test_other_tables(void **state)
{
	if (!ready)
		skip();
	ip("route add local 10.60.0.0/16 dev lo table main");
	assert_int_equal(look("10.60.1.1"), XTBPF_RT_ASK);
	ip("route add local 10.61.0.0/16 dev lo table 100");
	assert_int_equal(look("10.61.1.1"), NONE);
	ip("route add default via 10.1.0.2");
	assert_int_equal(look("10.99.1.1"), NONE);
	ip("route add broadcast 10.64.0.255 dev v0 table main");
	assert_int_equal(look("10.64.0.255"), XTBPF_RT_BROADCAST);
}

/* Which of several next hops a packet takes is not known; what is ours still is. */
static void test_balanced(void **state)
{
	if (!ready)
		skip();
	ip("route add 10.70.0.0/16 nexthop via 10.1.0.2 nexthop via 10.1.0.3");
	assert_int_equal(look("10.70.1.1"), XTBPF_RT_ASK);
	ip("route del 10.70.0.0/16");
	assert_int_equal(look("10.70.1.1"), NONE);
	ip("route add default metric 9 nexthop via 10.1.0.2 nexthop via 10.1.0.3");
	assert_int_equal(look("10.1.0.1"), XTBPF_RT_LOCAL);
	assert_int_equal(look("10.1.0.255"), XTBPF_RT_BROADCAST);
	assert_int_equal(look("10.99.1.1"), XTBPF_RT_ASK);
	ip("route del default metric 9");
	assert_int_equal(look("10.99.1.1"), NONE);
}

static void test_rest(void **state)
{
	struct rest rest;

	if (!ready)
		skip();
	facts_rest(&buses, &rest);
	assert_string_equal(rest.why[XTBPF_IPV4], "");
	assert_string_equal(rest.why[XTBPF_IPV6], "");
	ip("rule add fwmark 1 lookup 100");
	facts_rest(&buses, &rest);
	assert_string_not_equal(rest.why[XTBPF_IPV4], "");
	assert_string_equal(rest.why[XTBPF_IPV6], "");
	ip("rule del fwmark 1 lookup 100");
	ip("-6 rule del pref 0");
	facts_rest(&buses, &rest);
	assert_string_equal(rest.why[XTBPF_IPV4], "");
	assert_string_not_equal(rest.why[XTBPF_IPV6], "");
}

static void test_devices(void **state)
{
	struct devices d = { 0 };
	int seen = 0;

	if (!ready)
		skip();
	ip("link add br0 type bridge");
	ip("link set v1 master br0");
	assert_int_equal(facts_devices(&buses, &d), 0);
	for (size_t i = 0; i < d.n; i++) {
		const struct device *v = &d.v[i];

		if (!strcmp(v->name, "lo"))
			seen += v->loopback && !v->early && !v->ether;
		else if (!strcmp(v->name, "v0"))
			seen += v->early && v->ether && !v->port && !strcmp(v->kind, "veth");
		else if (!strcmp(v->name, "v1"))
			seen += v->port && !v->early;
		else if (!strcmp(v->name, "br0"))
			seen += v->early && !v->port && !strcmp(v->kind, "bridge");
	}
	assert_int_equal(seen, 4);
	free(d.v);
}

/* What stands on a device decides what it may do early. */
static const struct device *device(const struct devices *devs, const char *name)
{
	for (size_t i = 0; i < devs->n; i++)
		if (!strcmp(devs->v[i].name, name))
			return &devs->v[i];
	return NULL;
}

static void test_uppers(void **state)
{
	struct devices devs;

	if (!ready)
		skip();
	ip("link add w0 type veth peer name w1");
	if (system("ip link add link w0 name w0.5 type vlan id 5 2>/dev/null") ||
	    system("ip link add link w1 name m0 type macvlan mode passthru 2>/dev/null")) {
		ip("link del w0");
		skip(); /* not in this kernel */
	}
	assert_int_equal(facts_devices(&buses, &devs), 0);
	assert_true(device(&devs, "w0")->vlans);
	assert_false(device(&devs, "w0")->shared);
	assert_true(device(&devs, "w1")->shared);
	assert_false(device(&devs, "v0")->vlans || device(&devs, "v0")->shared);
	free(devs.v);
	ip("link del w0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_balanced),  cmocka_unit_test(test_other_tables),
		cmocka_unit_test(test_rest),	  cmocka_unit_test(test_devices),
		cmocka_unit_test(test_uppers),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
