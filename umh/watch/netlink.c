/* SPDX-License-Identifier: GPL-2.0-only */
#include "netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../cleanup.h"

#define RECV_SIZE 65536

struct mnl_socket *nl_open(int bus)
{
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC);

	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(nl);
		return NULL;
	}
	return nl;
}

int nl_dump(struct mnl_socket *nl, uint16_t type, const void *body, size_t size, mnl_cb_t fn,
	    void *arg)
{
	static uint32_t sequence;
	_cleanup_free_ char *answer = malloc(RECV_SIZE);
	char request[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	unsigned int port = mnl_socket_get_portid(nl);
	int ret;

	if (!answer)
		return -ENOMEM;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++sequence;
	memcpy(mnl_nlmsg_put_extra_header(nlh, size), body, size);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t n = mnl_socket_recvfrom(nl, answer, RECV_SIZE);

		if (n < 0)
			return -errno;
		ret = mnl_cb_run(answer, (size_t)n, nlh->nlmsg_seq, port, fn, arg);
		if (ret < 0)
			return -errno;
	} while (ret > MNL_CB_STOP);
	return 0;
}
