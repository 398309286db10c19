/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file control.h
 * Questions of the xtbpf command to the helper ("status", "why"): a JSON object
 * {"do": NAME, ...} in, a JSON object out.
 */
#ifndef XTBPF_CONTROL_H
#define XTBPF_CONTROL_H

#include <json-c/json.h>

/** Helper side (umh/control.c): answer one question; never NULL. peer_netns: nsfs fd of the asker or -1. */
json_object *xtbpf_control(json_object *question, int peer_netns);

/** Command side (umh/client.c): ask the running helper. 0, -ECONNREFUSED/-ENOENT: no helper. */
int xtbpf_ask(json_object *question, json_object **answer);

/* Subcommands of xtbpf: argv[0] is the subcommand's name. Return the exit status (0, 1, 2, 3). */
int xtbpf_cmd_run(int argc, char **argv);
int xtbpf_cmd_status(int argc, char **argv);
int xtbpf_cmd_why(int argc, char **argv);

#endif
