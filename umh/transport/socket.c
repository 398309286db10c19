// SPDX-License-Identifier: GPL-2.0-only
/* Which sockets lead to ip_tables. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "filter.h"
#include "transport.h"

static int sock_int(int fd, int optname)
{
	socklen_t len = sizeof(int);
	int v;

	return getsockopt(fd, SOL_SOCKET, optname, &v, &len) ? -1 : v;
}

/*
 * An IPv6 socket passes level IP on, unless it is raw (net/ipv6/ipv6_sockglue.c,
 * ipv6_setsockopt); an IPv4 socket knows no level IPV6. MPTCP refuses such options
 * itself (net/mptcp/sockopt.c).
 */
bool xtbpf_socket_serves(int sock, int level, int optname)
{
	int domain = sock_int(sock, SO_DOMAIN);

	if (!xtbpf_filter_ours(level, optname) || sock_int(sock, SO_PROTOCOL) == IPPROTO_MPTCP)
		return false;
	if (level == SOL_IP)
		return domain == AF_INET ||
		       (domain == AF_INET6 && sock_int(sock, SO_TYPE) != SOCK_RAW);
	return level == SOL_IPV6 && domain == AF_INET6;
}
