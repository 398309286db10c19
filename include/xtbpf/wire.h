/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/**
 * @file wire.h
 * The contract between xtbpf.ko and the helper xtbpfd: what passes over
 * /dev/xtbpf. Used by kernel and user space; host byte order, one machine,
 * the same layout for 32 and 64 bits.
 *
 * The life of a helper
 *   open()   claims the device (EBUSY: another helper has it). From now on
 *            clients' calls wait instead of being refused.
 *   NAMES    says which tables the namespaces hold that it restored.
 *   HELLO    says which version it speaks and that all it knew is enforced
 *            again; from now on read() returns requests.
 *   close()  or death: every waiting client is answered at once.
 *
 * The life of a request
 *   read()   one struct xtbpf_kmod_request a call (never a part of one)
 *   FETCH    the client's buffer, as far as the call needs it, and an nsfs file
 *            descriptor of the network namespace of its socket
 *   NAMES    if the call made a table exist
 *   REPLY    ends it, whatever else failed. ESRCH, from FETCH too: the client has
 *            gone (killed, or its time was up); there is nothing to do for it, but
 *            its namespace's next request comes only after the REPLY.
 *
 * Of one namespace, at most one request is out at a time, and they come in the
 * order of the calls; those of different namespaces may be out together and be
 * answered in any order.
 */
#ifndef XTBPF_WIRE_H
#define XTBPF_WIRE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define XTBPF_KMOD_DEVICE "/dev/xtbpf"
#define XTBPF_KMOD_VERSION 1

/* struct xtbpf_kmod_request, flags */
#define XTBPF_KMOD_SET 0x1  /* setsockopt; else getsockopt */
#define XTBPF_KMOD_HOST 0x2 /* the namespace belongs to the initial user namespace */

/**
 * struct xtbpf_kmod_request - one call of [gs]etsockopt
 * @version: XTBPF_KMOD_VERSION of the module
 * @length: of this structure
 * @id: to be named in FETCH and REPLY
 * @netns_cookie: SO_NETNS_COOKIE of the client's socket
 * @netns_ino: inode of its network namespace
 * @family: AF_INET or AF_INET6, by the level of the call
 * @flags: XTBPF_KMOD_SET, XTBPF_KMOD_HOST
 * @optname: 64 and up
 * @optlen: as the client gave it; a negative *optlen of getsockopt is sign-extended
 * @size: bytes that FETCH gives: what the call needs of the client's buffer;
 *        fewer where reading it faulted
 * @pid, @uid, @gid: the client, in the initial namespaces, for messages.
 *        The module has checked CAP_NET_ADMIN in the user namespace that owns
 *        the network namespace: calls without never get here.
 * @comm: its name, NUL terminated
 */
struct xtbpf_kmod_request {
	__u32 version;
	__u32 length;
	__u64 id;
	__u64 netns_cookie;
	__u32 netns_ino;
	__u16 family;
	__u16 flags;
	__s32 optname;
	__u32 size;
	__u64 optlen;
	__s32 pid;
	__u32 uid;
	__u32 gid;
	char comm[16];
	__u32 reserved;
};

/**
 * struct xtbpf_kmod_fetch - copy the client's buffer, and open its namespace
 * @data: address in the helper's memory
 * @size: at most so many bytes, from the start
 */
struct xtbpf_kmod_fetch {
	__u64 id;
	__u64 data;
	__u32 size;
	__u32 reserved;
};

/**
 * struct xtbpf_kmod_reply - the answer, copied out in the client's context
 * @err: 0 or a negative errno
 * @data, @size: getsockopt: bytes for the client's buffer, at most optlen
 * @skip_at, @skip: bytes [skip_at, skip_at + skip) of them that are not written
 * @counters, @ncounters: SET_REPLACE: struct xt_counters for the client's
 *        counters pointer, at most num_counters
 * Data and counters are used only when @err is 0.
 */
struct xtbpf_kmod_reply {
	__u64 id;
	__s32 err;
	__u32 size;
	__u64 data;
	__u32 skip_at;
	__u32 skip;
	__u64 counters;
	__u32 ncounters;
	__u32 reserved;
};

/**
 * struct xtbpf_kmod_names - what /proc/net/ip_tables_names (ip6_...) says
 * @netns: nsfs file descriptor
 * @family: AF_INET or AF_INET6
 * @text: address of @size bytes, one name a line, at most XTBPF_KMOD_NAMES_MAX
 */
struct xtbpf_kmod_names {
	__s32 netns;
	__u16 family;
	__u16 reserved;
	__u64 text;
	__u32 size;
	__u32 reserved2;
};

#define XTBPF_KMOD_NAMES_MAX 255

/* HELLO: pointer to the version spoken; EPROTO: the module does not speak it. */
#define XTBPF_KMOD_HELLO _IOW(0xb9, 1, __u32)
/* FETCH: returns the namespace's descriptor, close-on-exec. */
#define XTBPF_KMOD_FETCH _IOW(0xb9, 2, struct xtbpf_kmod_fetch)
#define XTBPF_KMOD_REPLY _IOW(0xb9, 3, struct xtbpf_kmod_reply)
#define XTBPF_KMOD_NAMES _IOW(0xb9, 4, struct xtbpf_kmod_names)

#endif
