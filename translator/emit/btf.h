/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file btf.h
 * Type information for a finished code buffer.
 */
#ifndef XTBPF_EMIT_BTF_H
#define XTBPF_EMIT_BTF_H

#include "code.h"

/* Section of the global data, and so the end of its map's name. */
#define XTBPF_DATA_SECTION ".data.rules"

/**
 * Describe all symbols in code->btf. func[i] becomes the type id of symbol i
 * (0 for maps). Returns 0 or a negative errno.
 */
int xtbpf_btf_describe(struct xtbpf_code *code, int *func);

#endif
