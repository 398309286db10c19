/* SPDX-License-Identifier: GPL-2.0-only */
/* Run programs in a network namespace, and network namespaces without names. */
#ifndef DIFF_PROC_H
#define DIFF_PROC_H

#include <stddef.h>
#include <sys/types.h>

/**
 * struct run - what a program said
 * @status: exit status, 128 + signal, or a negative errno when it did not start
 */
struct run {
	int status;
	char *out;
	char *err;
};

/** Run argv (NULL terminated) in the namespace netns (-1: here) with input on stdin, and wait. */
void run_in(int netns, char *const argv[], const char *input, struct run *out);
void run_release(struct run *r);
/** Start argv in netns and come back; output goes to the file log. Returns pid or -errno. */
pid_t run_start(int netns, char *const argv[], const char *log);

/** A new, anonymous network namespace: an nsfs fd (O_CLOEXEC), or -errno. */
int netns_new(void);
/** Move this process into netns / back home (the namespace it started in). Aborts on failure. */
void netns_in(int netns);
void netns_home(void);

/** Write a sysctl or any small file; returns 0 or -errno. */
int file_put(const char *path, const char *text);
/** Read a whole file; malloc'ed, NUL terminated, NULL on failure. */
char *file_get(const char *path);

#endif
