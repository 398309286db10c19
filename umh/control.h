/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file control.h
 * Questions of the xtbpf command to the helper ("status", "why"): a JSON object
 * {"do": NAME, ...} in, a JSON object out.
 */
#ifndef XTBPF_CONTROL_H
#define XTBPF_CONTROL_H

#include <json-c/json.h>
#include <stdbool.h>

#define XTBPF_VERSION "0.1"

/** Helper side (umh/control.c): answer one question; never NULL. peer_netns: nsfs fd of the asker or -1. */
json_object *xtbpf_control(json_object *question, int peer_netns);

/** Command side (umh/client.c): ask the running helper. 0, -ECONNREFUSED/-ENOENT: no helper. */
int xtbpf_ask(json_object *question, json_object **answer);

/**
 * Ask {"do": what}, of all namespaces or the asker's. 0 and *answer, or the
 * command's exit status with the reason on stderr (umh/cmd_status.c).
 */
int xtbpf_ask_for(const char *what, bool all, json_object **answer);

/* Subcommands of xtbpf: argv[0] is the subcommand's name. Return the exit status (0, 1, 2, 3). */
int xtbpf_cmd_run(int argc, char **argv);
int xtbpf_cmd_status(int argc, char **argv);
int xtbpf_cmd_why(int argc, char **argv);

#endif
