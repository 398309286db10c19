// SPDX-License-Identifier: GPL-2.0-only
/* Messages; see log.h. One write a line, so that lines of several processes do not mix. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum xtbpf_level max_level = XTBPF_INFO;
static bool stamped;

void xtbpf_log_level(enum xtbpf_level max)
{
	max_level = max;
}

/* Is stderr the stream that the service manager put there (systemd.exec(5), JOURNAL_STREAM)? */
static bool to_journal(void)
{
	static int known = -1;
	const char *env = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (known < 0)
		known = env && sscanf(env, "%llu:%llu", &dev, &ino) == 2 &&
			!fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
	return known;
}

void xtbpf_log_stamp(void)
{
	stamped = true;
}

/* What a line begins with; its length. */
static size_t prefix(char *line, size_t room, enum xtbpf_level level)
{
	time_t now = time(NULL);
	struct tm tm;

	if (to_journal())
		return (size_t)snprintf(line, room, "<%d>", level);
	if (stamped && gmtime_r(&now, &tm))
		return strftime(line, room, "%Y-%m-%dT%H:%M:%SZ ", &tm);
	return (size_t)snprintf(line, room, "xtbpf: ");
}

void xtbpf_log(enum xtbpf_level level, const char *fmt, ...)
{
	int saved = errno;
	char line[4096];
	size_t at, room = sizeof(line) - 1;
	va_list ap;
	int n;

	if (level > max_level)
		return;
	at = prefix(line, room, level);
	errno = saved; /* for %m */
	va_start(ap, fmt);
	n = vsnprintf(line + at, room - at, fmt, ap);
	va_end(ap);
	if (n > 0)
		at += (size_t)n < room - at ? (size_t)n : room - at - 1;
	line[at++] = '\n';
	while (write(STDERR_FILENO, line, at) < 0 && errno == EINTR)
		;
	errno = saved;
}
