/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file log.h
 * Messages of helper and command: to stderr, with <N> priority prefixes when
 * stderr is the journal (sd-daemon.h).
 */
#ifndef XTBPF_LOG_H
#define XTBPF_LOG_H

enum xtbpf_level {
	XTBPF_ERR = 3,
	XTBPF_WARN = 4,
	XTBPF_NOTICE = 5,
	XTBPF_INFO = 6,
	XTBPF_DEBUG = 7
};

void xtbpf_log(enum xtbpf_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void xtbpf_log_level(enum xtbpf_level max);
/** Lines begin with the time from now on: stderr is a log file of ours. */
void xtbpf_log_stamp(void);

#endif
