// SPDX-License-Identifier: GPL-2.0-only
/* Calls by way of xtbpf.ko; see module.h. The module has checked the client's capability. */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xtbpf/wire.h>

#include "../cleanup.h"
#include "../daemon/event.h"
#include "../log.h"
#include "../request.h"

static int device = -1;
static bool restored; /* xtbpf_kmod_serve() was called */

bool xtbpf_kmod_active(void)
{
	return device >= 0;
}

static void push_names(struct xtbpf_ns *ns, enum xtbpf_family family)
{
	_cleanup_free_ char *text = xtbpf_names(ns, family);
	struct xtbpf_kmod_names names = {
		.netns = ns->fd,
		.family = family == XTBPF_IPV4 ? AF_INET : AF_INET6,
		.text = (uintptr_t)text,
		.size = text ? strlen(text) : 0,
	};

	if (text && ioctl(device, XTBPF_KMOD_NAMES, &names))
		xtbpf_log(XTBPF_WARN, "names of tables to the module: %m");
}

void xtbpf_kmod_names(struct xtbpf_ns *ns)
{
	for (int family = 0; family < XTBPF_NFAMILY && device >= 0; family++)
		push_names(ns, (enum xtbpf_family)family);
}

/*
 * iptables can only tell its user to look at dmesg: put the reason there. Only for
 * the host's own namespaces, so that no container fills the kernel's log.
 */
static void to_kernel_log(const struct xtbpf_kmod_request *wire, const char *why)
{
	_cleanup_fd_ int fd = -1;
	char line[900];
	int n;

	if (!why || !(wire->flags & XTBPF_KMOD_HOST))
		return;
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	n = snprintf(line, sizeof(line), "<5>xtbpf: %s[%d]: %s", wire->comm, wire->pid, why);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	line[n++] = '\n'; /* without, readers see it only when the next message comes */
	if (fd >= 0 && write(fd, line, n) < 0)
		xtbpf_log(XTBPF_DEBUG, "/dev/kmsg: %m");
}

/* What the client wants, for xtbpf_serve(). fd: its namespace. */
static int take_request(const struct xtbpf_kmod_request *wire, const void *data, int fd,
			struct xtbpf_request *out)
{
	*out = (struct xtbpf_request){
		.family = wire->family == AF_INET ? XTBPF_IPV4 : XTBPF_IPV6,
		.set = wire->flags & XTBPF_KMOD_SET,
		.capable = true,
		.optname = wire->optname,
		.optlen = wire->optlen,
		.data = data,
		.size = wire->size,
		.pid = wire->pid,
	};
	return xtbpf_ns_get(fd, &out->ns);
}

static void serve(const struct xtbpf_kmod_request *wire, struct xtbpf_reply *reply)
{
	_cleanup_free_ void *data = malloc(wire->size ? wire->size : 1);
	_cleanup_fd_ int fd = -1;
	struct xtbpf_kmod_fetch fetch = {
		.id = wire->id,
		.data = (uintptr_t)data,
		.size = wire->size,
	};
	struct xtbpf_request req;
	unsigned int tables;

	reply->err = -ENOMEM;
	if (!data)
		return;
	fd = ioctl(device, XTBPF_KMOD_FETCH, &fetch);
	if (fd < 0) {
		if (errno != ESRCH) /* gone meanwhile: nothing to do */
			xtbpf_log(XTBPF_ERR, "a client's namespace: %m");
		return;
	}
	if (take_request(wire, data, fd, &req))
		return;
	reply->err = 0;
	tables = req.ns->ntables;
	xtbpf_serve(&req, reply);
	if (req.ns->ntables != tables)
		xtbpf_kmod_names(req.ns);
}

static void answer(const struct xtbpf_kmod_request *wire, const struct xtbpf_reply *reply)
{
	struct xtbpf_kmod_reply out = {
		.id = wire->id,
		.err = reply->err,
		.data = (uintptr_t)reply->data,
		.size = reply->err ? 0 : reply->size,
		.skip_at = reply->err ? 0 : reply->skip_at,
		.skip = reply->err ? 0 : reply->skip,
		.counters = (uintptr_t)reply->counters,
		.ncounters = reply->err ? 0 : reply->ncounters,
	};

	if (!ioctl(device, XTBPF_KMOD_REPLY, &out) || errno == ESRCH)
		return;
	xtbpf_log(XTBPF_ERR, "answer to %s[%d]: %m", wire->comm, wire->pid);
	/* A client must not wait for nothing; a replaced table stays replaced without its counters. */
	out.size = out.skip_at = out.skip = out.ncounters = 0;
	if (!out.err && !(wire->flags & XTBPF_KMOD_SET))
		out.err = -ENOMEM;
	ioctl(device, XTBPF_KMOD_REPLY, &out);
}

/*
 * Large tables leave large holes in the heap. What replaces one is often small (-F),
 * but was read before it was replaced: so also after the call behind a large one.
 */
static void give_back(const struct xtbpf_kmod_request *wire, const struct xtbpf_reply *reply)
{
	static bool before;
	bool large = wire->size > 1u << 20 || reply->size > 1u << 20;

	if (large || before)
		malloc_trim(0);
	before = large;
}

static int on_request(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	__attribute__((cleanup(xtbpf_reply_release))) struct xtbpf_reply reply = { 0 };
	struct xtbpf_kmod_request wire;
	ssize_t n = read(fd, &wire, sizeof(wire));

	if (n < 0 && (errno == EAGAIN || errno == EINTR) && !(events & EPOLLERR))
		return 0;
	if (n != (ssize_t)sizeof(wire) || wire.version != XTBPF_KMOD_VERSION ||
	    wire.length != sizeof(wire)) {
		xtbpf_log(XTBPF_ERR, "the module's requests make no sense: no longer served");
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		device = -1;
		close(fd);
		return 0;
	}
	wire.comm[sizeof(wire.comm) - 1] = '\0';
	serve(&wire, &reply);
	give_back(&wire, &reply);
	to_kernel_log(&wire, reply.why); /* before the client is told to look there */
	answer(&wire, &reply);
	return 0;
}

/* A helper with directories of its own (a test) is not the machine's. */
static bool of_the_machine(void)
{
	return !getenv("XTBPF_RUNDIR") && !getenv("XTBPF_BPFFS");
}

int xtbpf_kmod_claim(void)
{
	if (device >= 0 || !of_the_machine())
		return 0;
	device = open(XTBPF_KMOD_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (device >= 0 || errno == ENOENT || errno == ENXIO || errno == ENODEV)
		return 0;
	return -errno;
}

static int say_hello(void)
{
	uint32_t version = XTBPF_KMOD_VERSION;
	struct xtbpf_ns *ns;
	int err;

	for (ns = xtbpf_ns_first(); ns; ns = ns->next)
		if (ns->ntables)
			xtbpf_kmod_names(ns);
	err = sd_event_add_io(xtbpf_event(), NULL, device, EPOLLIN, on_request, NULL);
	if (err < 0)
		return err;
	if (ioctl(device, XTBPF_KMOD_HELLO, &version))
		return -errno;
	xtbpf_log(XTBPF_INFO, "serving every iptables call of this machine (xtbpf.ko)");
	return 0;
}

/* The module was loaded after us. */
static int on_dev(sd_event_source *source, const struct inotify_event *event, void *arg)
{
	int err;

	if (device >= 0 || !event->len || strcmp(event->name, strrchr(XTBPF_KMOD_DEVICE, '/') + 1))
		return 0;
	err = xtbpf_kmod_claim();
	if (!err && device >= 0)
		err = say_hello();
	if (err)
		xtbpf_log(XTBPF_ERR, "%s: %s", XTBPF_KMOD_DEVICE, strerror(-err));
	return 0;
}

int xtbpf_kmod_serve(void)
{
	int err;

	if (restored || !of_the_machine())
		return 0;
	restored = true;
	err = sd_event_add_inotify(xtbpf_event(), NULL, "/dev", IN_CREATE, on_dev, NULL);
	if (err < 0)
		return err;
	if (device < 0)
		xtbpf_kmod_claim(); /* loaded while we restored */
	return device < 0 ? 0 : say_hello();
}
