/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file request.h
 * One socket-option call of an iptables client, however it reached us. Every
 * transport (seccomp, later the module) fills the same request and carries the
 * same reply back; nothing behind this line knows which one it was.
 */
#ifndef XTBPF_REQUEST_H
#define XTBPF_REQUEST_H

#include <linux/netfilter/x_tables.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xtbpf/translator.h>

struct xtbpf_ns;

/**
 * struct xtbpf_request
 * @ns: the network namespace of the client's socket
 * @capable: client has CAP_NET_ADMIN in the user namespace that owns @ns
 * @optname: as passed to [gs]etsockopt, 64 and up
 * @optlen: length the client gave (setsockopt) or *optlen (getsockopt)
 * @data: what could be read of the client's buffer, @size <= @optlen bytes;
 *        fewer than a call needs means EFAULT where the kernel would fault
 * @pid: the client, for messages only
 */
struct xtbpf_request {
	struct xtbpf_ns *ns;
	enum xtbpf_family family;
	bool set;
	bool capable;
	int optname;
	uint64_t optlen;
	const void *data;
	size_t size;
	int pid;
};

/**
 * struct xtbpf_reply - zero it before use; xtbpf_reply_release frees what it owns
 * @err: 0 or negative errno
 * @data: getsockopt: bytes to write to the client's buffer from its start
 * @skip_at, @skip: bytes [skip_at, skip_at + skip) of @data are not written (GET_ENTRIES pad)
 * @counters: SET_REPLACE: old counters for the client's pointer @counters_to
 * @why: one or more lines for the user, NULL when there is nothing to say; owned
 */
struct xtbpf_reply {
	int err;
	void *data;
	size_t size;
	size_t skip_at, skip;
	struct xt_counters *counters;
	size_t ncounters;
	uint64_t counters_to;
	char *why;
};

void xtbpf_reply_release(struct xtbpf_reply *reply);

/** Serve one request (umh/server.c). Always fills reply->err. */
void xtbpf_serve(const struct xtbpf_request *req, struct xtbpf_reply *reply);

/**
 * What /proc/net/ip_tables_names (ip6_...) holds for ns: the instantiated
 * tables, one a line, newest first as the kernel lists them. malloc'ed text, NULL: no memory.
 */
char *xtbpf_names(struct xtbpf_ns *ns, enum xtbpf_family family);

#endif
