// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * BTF of a generated object. Chains are global functions: the verifier takes
 * the size of the memory they may read from the type of their argument, so the
 * keys are described in full; contexts are only named.
 */
#include "btf.h"

#include "../bpf/key.h"

#include <bpf/btf.h>
#include <errno.h>

/* Ids of the types that functions are made of. */
struct types {
	struct btf *btf;
	int sint, u8, u16, u32, u64, index;
	int key, early, nf, xdp, skb;
	int key_ptr;
	int proto[XTBPF_NSIG];
	int err;
};

/* Every btf__add call goes through here, so the first error sticks. */
static int keep(struct types *t, int id)
{
	if (id < 0 && !t->err)
		t->err = id;
	return id;
}

static int array(struct types *t, int element, unsigned int n)
{
	return keep(t, btf__add_array(t->btf, t->index, element, n));
}

static void field(struct types *t, const char *name, int type, size_t at)
{
	keep(t, btf__add_field(t->btf, name, type, (uint32_t)at * 8, 0));
}

static void add_basic(struct types *t)
{
	t->sint = keep(t, btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED));
	t->u8 = keep(t, btf__add_int(t->btf, "unsigned char", 1, 0));
	t->u16 = keep(t, btf__add_int(t->btf, "unsigned short", 2, 0));
	t->u32 = keep(t, btf__add_int(t->btf, "unsigned int", 4, 0));
	t->u64 = keep(t, btf__add_int(t->btf, "unsigned long long", 8, 0));
	t->index = keep(t, btf__add_int(t->btf, "__ARRAY_SIZE_TYPE__", 4, 0));
}

#define KEY_FIELD(t, member, type) field(t, #member, type, offsetof(struct xtbpf_key, member))

static void add_keys(struct types *t)
{
	int words = array(t, t->u32, 4), name = array(t, t->u64, 2), set = array(t, t->u32, 8);
	int trail = array(t, t->u32, XTBPF_TRAIL);
	int head = array(t, t->u8, 20), mac = array(t, t->u8, 6), pad2 = array(t, t->u16, 3);

	t->key = keep(t, btf__add_struct(t->btf, "xtbpf_key", sizeof(struct xtbpf_key)));
	KEY_FIELD(t, saddr, words);
	KEY_FIELD(t, daddr, words);
	KEY_FIELD(t, in, name);
	KEY_FIELD(t, out, name);
	KEY_FIELD(t, len, t->u32);
	KEY_FIELD(t, proto, t->u16);
	KEY_FIELD(t, sport, t->u16);
	KEY_FIELD(t, dport, t->u16);
	KEY_FIELD(t, icmp, t->u16);
	KEY_FIELD(t, tcp_flags, t->u8);
	KEY_FIELD(t, l4, t->u8);
	KEY_FIELD(t, frag, t->u8);
	KEY_FIELD(t, pad, t->u8);
	KEY_FIELD(t, tcpopt, set);
	KEY_FIELD(t, head, head);
	KEY_FIELD(t, iplen, t->u32);
	KEY_FIELD(t, tos, t->u8);
	KEY_FIELD(t, ttl, t->u8);
	KEY_FIELD(t, have, t->u8);
	KEY_FIELD(t, pkttype, t->u8);
	KEY_FIELD(t, mac, mac);
	KEY_FIELD(t, has_mac, t->u16);
	KEY_FIELD(t, mss, t->u32);
	KEY_FIELD(t, cpu, t->u32);
	KEY_FIELD(t, in_group, t->u32);
	KEY_FIELD(t, out_group, t->u32);
	KEY_FIELD(t, thoff, t->u32);
	KEY_FIELD(t, fragoff, t->u16);
	KEY_FIELD(t, pad2, pad2);

	t->early =
		keep(t, btf__add_struct(t->btf, "xtbpf_early_key", sizeof(struct xtbpf_early_key)));
	field(t, "key", t->key, offsetof(struct xtbpf_early_key, key));
	field(t, "ntrail", t->u32, offsetof(struct xtbpf_early_key, ntrail));
	field(t, "trail", trail, offsetof(struct xtbpf_early_key, trail));
}

/* int (ctx *, key *, what), of which what is 0 is left out */
static int proto3(struct types *t, int ctx, int key, const char *name, int what)
{
	int id = keep(t, btf__add_func_proto(t->btf, t->sint));

	if (ctx)
		keep(t, btf__add_func_param(t->btf, "ctx", ctx));
	if (key)
		keep(t, btf__add_func_param(t->btf, "key", key));
	if (what)
		keep(t, btf__add_func_param(t->btf, name, what));
	return id;
}

static int proto(struct types *t, int ctx, int key, int flags)
{
	return proto3(t, ctx, key, "flags", flags);
}

static int context(struct types *t, const char *name)
{
	int id = keep(t, btf__add_fwd(t->btf, name, BTF_FWD_STRUCT));

	return keep(t, btf__add_ptr(t->btf, id));
}

static void add_protos(struct types *t)
{
	int key = t->key_ptr = keep(t, btf__add_ptr(t->btf, t->key));
	int early = keep(t, btf__add_ptr(t->btf, t->early));

	t->nf = context(t, "bpf_nf_ctx");
	t->xdp = context(t, "xdp_md");
	t->skb = context(t, "__sk_buff");
	t->proto[XTBPF_SIG_CHAIN] = proto(t, 0, key, 0);
	t->proto[XTBPF_SIG_EARLY] = proto(t, 0, early, 0);
	t->proto[XTBPF_SIG_NF] = proto(t, t->nf, 0, 0);
	t->proto[XTBPF_SIG_XDP] = proto(t, t->xdp, 0, 0);
	t->proto[XTBPF_SIG_TC] = proto(t, t->skb, 0, 0);
	t->proto[XTBPF_SIG_NF_PARSE] = proto(t, t->nf, key, t->u32);
	t->proto[XTBPF_SIG_TC_PARSE] = proto(t, t->skb, key, t->u32);
	t->proto[XTBPF_SIG_XDP_EARLY] = proto(t, t->xdp, early, t->u32);
	t->proto[XTBPF_SIG_TC_EARLY] = proto(t, t->skb, early, t->u32);
	t->proto[XTBPF_SIG_NF_CHAIN] = proto(t, t->nf, key, 0);
	t->proto[XTBPF_SIG_TC_CHAIN] = proto(t, t->skb, key, 0);
}

/* The type of a function; those of XTBPF_P_CALL have one each. */
static int func_type(struct types *t, const struct xtbpf_sym *s)
{
	int nf = s->sig == XTBPF_SIG_NF_CALL;

	if (!nf && s->sig != XTBPF_SIG_TC_CALL)
		return t->proto[s->sig];
	return proto3(t, nf ? t->nf : t->skb, t->key_ptr, "data", context(t, s->type));
}

/* libbpf's encoding of a number in a map definition: int (*)[value] */
static int number(struct types *t, unsigned int value)
{
	return keep(t, btf__add_ptr(t->btf, array(t, t->sint, value)));
}

/* A per-CPU array of struct { u64 packets, bytes; }; returns the variable. */
static int counters(struct types *t, const struct xtbpf_sym *s)
{
	int type = number(t, BPF_MAP_TYPE_PERCPU_ARRAY);
	int key = number(t, 4), value = number(t, 16), max = number(t, s->entries);
	int def = keep(t, btf__add_struct(t->btf, NULL, 32));

	field(t, "type", type, 0);
	field(t, "key_size", key, 8);
	field(t, "value_size", value, 16);
	field(t, "max_entries", max, 24);
	return keep(t, btf__add_var(t->btf, s->name, BTF_VAR_GLOBAL_ALLOCATED, def));
}

/* Global data: one array of bytes. */
static void add_data(struct types *t, const struct xtbpf_code *code)
{
	int type, var;

	if (!code->ndata)
		return;
	type = array(t, t->u8, code->ndata);
	var = keep(t, btf__add_var(t->btf, code->sym[code->data_sym].name, BTF_VAR_GLOBAL_ALLOCATED,
				   type));
	keep(t, btf__add_datasec(t->btf, XTBPF_DATA_SECTION, code->ndata));
	keep(t, btf__add_datasec_var_info(t->btf, var, 0, code->ndata));
}

static void add_maps(struct types *t, const struct xtbpf_code *code)
{
	int var[8];
	unsigned int n = 0;

	for (unsigned int i = 0; i < code->nsym && n < 8; i++)
		if (code->sym[i].kind == XTBPF_SYM_COUNTERS)
			var[n++] = counters(t, &code->sym[i]);
	if (!n)
		return;
	keep(t, btf__add_datasec(t->btf, ".maps", n * 32));
	for (unsigned int i = 0; i < n; i++)
		keep(t, btf__add_datasec_var_info(t->btf, var[i], i * 32, 32));
}

int xtbpf_btf_describe(struct xtbpf_code *code, int *func)
{
	struct types t = { .btf = code->btf };

	add_basic(&t);
	add_keys(&t);
	add_protos(&t);
	for (unsigned int i = 0; i < code->nsym; i++) {
		const struct xtbpf_sym *s = &code->sym[i];

		func[i] = 0;
		if ((s->kind != XTBPF_SYM_FUNC && s->kind != XTBPF_SYM_EXTERN) || !s->name[0])
			continue;
		func[i] = keep(&t, btf__add_func(t.btf, s->name,
						 s->kind == XTBPF_SYM_EXTERN ? BTF_FUNC_EXTERN
									     : BTF_FUNC_GLOBAL,
						 func_type(&t, s)));
	}
	add_maps(&t, code);
	add_data(&t, code);
	return t.err;
}
