// SPDX-License-Identifier: GPL-2.0-only
/*
 * The helper's socket. Whoever holds the lock is the helper; a socket file without
 * a holder is a left-over of one that was killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "../cleanup.h"
#include "../log.h"
#include "../paths.h"
#include "daemon.h"
#include "event.h"

int xtbpf_daemon_lock(void)
{
	_cleanup_fd_ int fd = -1;
	char path[4096];

	if (mkdir(xtbpf_rundir(), 0755) && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s/xtbpfd.lock", xtbpf_rundir());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	xtbpf_steal_fd(&fd); /* held until we are gone */
	return 0;
}

static int on_connect(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (peer >= 0)
		xtbpf_daemon_connection(peer);
	else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		xtbpf_log(XTBPF_WARN, "accept: %m");
	return 0;
}

int xtbpf_daemon_listen(void)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	mode_t mask;
	int err;

	if (fd < 0)
		return -errno;
	if (strlen(xtbpf_socket_path()) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, xtbpf_socket_path());
	if (unlink(sa.sun_path) && errno != ENOENT)
		return -errno;
	mask = umask(0177); /* 0600 from the first moment */
	err = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(mask);
	if (err)
		return err;
	if (listen(fd, 128))
		return -errno;
	err = sd_event_add_io(xtbpf_event(), NULL, fd, EPOLLIN, on_connect, NULL);
	if (err < 0)
		return err;
	xtbpf_steal_fd(&fd);
	return 0;
}
