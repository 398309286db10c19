/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The insides of xtbpf.ko. sockopt.c takes the clients' calls, channel.c hands
 * them to the helper and brings the answers, names.c is /proc/net/ip*_tables_names,
 * closed.c is what holds before the first helper (closed=1). No rule is looked at
 * anywhere: of a blob the module knows its length.
 */
#ifndef XTBPF_KMOD_H
#define XTBPF_KMOD_H

#include <linux/completion.h>
#include <linux/netfilter/x_tables.h>
#include <linux/refcount.h>
#include <net/net_namespace.h>
#include <xtbpf/wire.h>

enum xtbpf_state {
	XTBPF_QUEUED,
	XTBPF_TAKEN, /* the helper has read it */
	XTBPF_LEFT,  /* so it had, but the client is gone */
	XTBPF_DONE,
};

/**
 * struct xtbpf_call - one call of a client
 * @node: in channel.c's list until it is DONE
 * @refs: one for the client, one for the list, one for an ioctl that uses it
 * @net: counted: with the client gone, its socket no longer holds it
 * @req: what the helper reads
 * @data: what was read of the client's buffer, req.size bytes
 * @reply_max, @counters_max: what the helper may give at most
 * @err: the outcome, the client's to read once it is DONE, as are
 * @answer, @reply, @counters: the helper's answer
 */
struct xtbpf_call {
	struct list_head node;
	refcount_t refs;
	struct completion done;
	enum xtbpf_state state;
	struct net *net;
	struct xtbpf_kmod_request req;
	void *data;
	u32 reply_max;
	u32 counters_max;
	int err;
	struct xtbpf_kmod_reply answer;
	void *reply;
	struct xt_counters *counters;
};

/**
 * struct xtbpf_net - what we keep for a network namespace
 * @serving: its call is with the helper; under channel.c's lock
 * @names: the two proc files; under names.c's lock
 */
struct xtbpf_net {
	struct xtbpf_call *serving;
	u32 names_len[2];
	char names[2][XTBPF_KMOD_NAMES_MAX];
};

/* channel.c */

/** Is there a helper at all? */
bool xtbpf_served(void);
/** Does the namespace belong to the host, and not to a container's user namespace? */
bool xtbpf_of_host(const struct net *net);
/**
 * Queue a call and wait. Returns the helper's err, or ENOPROTOOPT (no helper),
 * ECONNRESET (it died over this call), ETIMEDOUT, EINTR (the client was killed),
 * ENOBUFS (too many calls of this owner wait), EDEADLK (the helper calls itself).
 */
int xtbpf_call_wait(struct xtbpf_call *call);
/** The client, who has a reference from its own allocation, is through with it. */
void xtbpf_call_put(struct xtbpf_call *call);
int xtbpf_channel_init(void);
void xtbpf_channel_exit(void);

/* names.c */
int xtbpf_names_init(void);
void xtbpf_names_exit(void);
struct xtbpf_net *xtbpf_net(const struct net *net);
void xtbpf_names_set(struct net *net, bool v6, const char *text, u32 len);

/* closed.c */
int xtbpf_closed_init(void);
/** The helper has all in force: open up, for good. */
void xtbpf_closed_lift(void);

#endif
