/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file print_status.h
 * The answer to {"do": "status"} as text for people, on stdout.
 */
#ifndef XTBPF_PRINT_STATUS_H
#define XTBPF_PRINT_STATUS_H

#include <json-c/json.h>

void xtbpf_print_status(json_object *status);

#endif
