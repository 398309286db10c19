/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies of the packets that netfilter hooks of a namespace see, by nf_tables log and NFLOG. */
#ifndef DIFF_NFLOG_H
#define DIFF_NFLOG_H

#include <stdint.h>
#include <xtbpf/translator.h>

struct nflog;

/** Log everything at INPUT, FORWARD and OUTPUT one step before priority prio. NULL on failure. */
struct nflog *nflog_open(int netns, int family, int prio);
/** Call fn for each packet seen so far. */
void nflog_drain(struct nflog *n,
		 void (*fn)(void *arg, enum xtbpf_hook hook, const struct xtbpf_packet *pkt),
		 void *arg);
void nflog_close(struct nflog *n);

#endif
