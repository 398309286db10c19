// SPDX-License-Identifier: GPL-2.0-only
/*
 * abiprobe 4|6 [COUNT [SEED]]: odd calls and odd blobs, one line each with the
 * errno and, where bytes came back, their digest. Run in a namespace of its own
 * on the kernel's ip_tables and in another under "xtbpf run": equal output, but
 * for lines that start with "fuzz" or "ours", where xtbpf may refuse (see
 * tests/e2e/20-abi.sh).
 */
#include "abi.h"

#include <sys/mman.h>
#include <sys/wait.h>

static const char *const tables[] = { "filter", "nat", "mangle", "raw", "security" };

static void say(const char *what, int err)
{
	printf("%s: %s\n", what, name_of(err));
}

/* The state a case left behind. */
static void show_table(const struct probe *p, const char *table)
{
	struct ipt_get_entries *g;
	struct ipt_getinfo info;
	int err = get_info(p, table, &info);

	printf("  %s info %s %016llx", table, name_of(err),
	       (unsigned long long)digest(&info, sizeof(info)));
	if (err) {
		puts("");
		return;
	}
	g = get_entries(p, table, info.size, &err);
	printf(" entries %s %016llx\n", name_of(err),
	       (unsigned long long)digest(g, sizeof(*g) + info.size));
	free(g);
}

static void say_replace(const struct probe *p, const char *what, struct repl *r)
{
	int err = replace(p, r);

	say(what, err);
	if (!err)
		show_table(p, "filter");
}

/* ---- reading --------------------------------------------------------- */

static void probe_info(const struct probe *p)
{
	struct ipt_getinfo info;
	char junk[32];

	for (int i = 0; i < 5; i++)
		show_table(p, tables[i]);
	memset(&info, 0, sizeof(info));
	strcpy(info.name, "filter");
	for (socklen_t len = 0; len <= 90; len += len == 80 ? 1 : 10) {
		printf("info len %u: %s\n", len, name_of(get(p, IPT_SO_GET_INFO, &info, len)));
		strcpy(info.name, "filter");
	}
	say("info negative len", get(p, IPT_SO_GET_INFO, &info, (socklen_t)-1));
	say("info NULL", get(p, IPT_SO_GET_INFO, NULL, sizeof(info)));
	say("info bad pointer", get(p, IPT_SO_GET_INFO, (void *)8, sizeof(info)));
	say("info no such table", get_info(p, "nope", &info));
	say("info empty name", get_info(p, "", &info));
	memset(&info, 'A', sizeof(info));
	say("info name without end", get(p, IPT_SO_GET_INFO, &info, sizeof(info)));
	memset(&info, 0, sizeof(info));
	memcpy(info.name, "filter\0junk", 12);
	say("info junk behind the name", get(p, IPT_SO_GET_INFO, &info, sizeof(info)));
	printf("  %016llx\n", (unsigned long long)digest(&info, sizeof(info)));
	for (int opt = 63; opt <= 72; opt++) {
		if (p->s->af == AF_INET6 && opt != 64 && opt != 65 && opt < 68)
			continue; /* IPv6's own options */
		memset(junk, 0, sizeof(junk));
		printf("get %d: %s\n", opt, name_of(get(p, opt, junk, 3)));
		if (opt < 66)
			printf("set %d: %s\n", opt, name_of(set(p, opt, junk, 3)));
	}
}

static int entries_err(const struct probe *p, const char *table, uint32_t size, socklen_t len)
{
	struct ipt_get_entries *g = calloc(1, sizeof(*g) + size + 64);
	int err;

	strcpy(g->name, table);
	g->size = size;
	err = get(p, IPT_SO_GET_ENTRIES, g, len);
	free(g);
	return err;
}

static void probe_entries(const struct probe *p)
{
	struct ipt_getinfo info;
	struct ipt_get_entries *g;
	uint8_t *page;

	get_info(p, "filter", &info);
	say("entries +8", entries_err(p, "filter", info.size + 8, 40 + info.size + 8));
	say("entries -8", entries_err(p, "filter", info.size - 8, 40 + info.size - 8));
	say("entries 0", entries_err(p, "filter", 0, 40));
	say("entries len 39", entries_err(p, "filter", 0, 39));
	say("entries len too long", entries_err(p, "filter", info.size, 41 + info.size));
	say("entries len too short", entries_err(p, "filter", info.size, 39 + info.size));
	say("entries no such table", entries_err(p, "nope", info.size, 40 + info.size));
	/* a buffer that ends in the middle */
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + 4096, 4096);
	g = (void *)(page + 4096 - 400);
	strcpy(g->name, "filter");
	g->size = info.size;
	say("entries into a hole", get(p, IPT_SO_GET_ENTRIES, g, sizeof(*g) + info.size));
	munmap(page, 4096);
}

static void revision(const struct probe *p, bool target, const char *name, uint8_t rev,
		     socklen_t len)
{
	struct xt_get_revision r = { .revision = rev };

	memcpy(r.name, name, strnlen(name, sizeof(r.name)));
	printf("revision %s \"%s\" %u len %u: %s\n", target ? "target" : "match", name, rev, len,
	       name_of(get(p, target ? p->s->get_target : p->s->get_match, &r, len)));
}

static void probe_revisions(const struct probe *p)
{
	static const char *const matches[] = {
		"tcp",	     "udp",	"udplite", "icmp", "icmp6",
		"multiport", "comment", "nosuch",  "",	   "standard"
	};
	static const char *const targets[] = { "", "ERROR", "nosuch", "standard" };

	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		for (uint8_t rev = 0; rev < 3; rev++)
			revision(p, false, matches[i], rev, 30);
	}
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		for (uint8_t rev = 0; rev < 2; rev++)
			revision(p, true, targets[i], rev, 30);
	}
	revision(p, false, "tcp", 0, 29);
	revision(p, false, "tcp", 0, 31);
	revision(p, false, "tcp", 255, 30);
	revision(p, false, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0, 30);
}

/* ---- replacing ------------------------------------------------------- */

/* INPUT [one rule], three policies, a user chain of one RETURN, the end. */
static void fill(const struct probe *p, struct repl *r, struct layout *l, int verdict)
{
	begin(r, "filter", 0x0e);
	if (verdict) {
		start_entry(p, r)[p->s->proto] = IPPROTO_TCP;
		r->blob[p->s->flags] = p->s->af == AF_INET6 ? IP6T_F_PROTO : 0;
		l->rule = r->head.size;
		memset(r->blob + p->s->head, 0, 40);
		put16(r->blob + p->s->head, 40);
		put32(r->blob + p->s->head + 32, (uint32_t)verdict);
		end_entry(p, r, r->blob, 0, 40);
	}
	policies(p, r, l, ACCEPT);
	l->chain = put_error(p, r, "user");
	l->first = put_rule(p, r, 0, RETURN);
	l->last = put_error(p, r, "ERROR");
}

static void baseline(const struct probe *p)
{
	struct layout l;
	struct repl r;
	int err;

	fill(p, &r, &l, 0);
	err = replace(p, &r);
	if (err)
		say("BASELINE", err);
}

static void header_case(const struct probe *p, const char *what, size_t field, uint32_t value)
{
	struct layout l;
	struct repl r;

	baseline(p);
	fill(p, &r, &l, DROP);
	r.head.num_counters = 7;
	put32((uint8_t *)&r + field, value);
	printf("header %s %u: ", what, value);
	say("", set(p, IPT_SO_SET_REPLACE, &r, sizeof(r.head) + 2048));
	show_table(p, "filter");
}

static void probe_header(const struct probe *p)
{
	static const struct {
		const char *name;
		size_t at;
		uint32_t values[6];
	} fields[] = {
		{ "num_counters",
		  offsetof(struct ipt_replace, num_counters),
		  { 0, 6, 8, 0x7ffffff, 0x7fffffe, 33554433 } },
		{ "valid_hooks",
		  offsetof(struct ipt_replace, valid_hooks),
		  { 0, 6, 0x1f, 0x2e, 0x0f, 0x80000000 } },
		{ "num_entries",
		  offsetof(struct ipt_replace, num_entries),
		  { 0, 7, 9, 0xffffffff, 0x8000000, 0x8000001 } },
		{ "size",
		  offsetof(struct ipt_replace, size),
		  { 0, 8, 112, 600u << 20, 0xffffffff, 0xffffffa0 } },
		{ "hook INPUT",
		  offsetof(struct ipt_replace, hook_entry[1]),
		  { 4, 8, 152, 208, 0xffffffff, 1 } },
		{ "hook FORWARD",
		  offsetof(struct ipt_replace, hook_entry[2]),
		  { 0, 8, 152, 208, 304, 416 } },
		{ "hook PREROUTING",
		  offsetof(struct ipt_replace, hook_entry[0]),
		  { 0, 8, 152, 77777, 1, 2 } },
		{ "underflow INPUT",
		  offsetof(struct ipt_replace, underflow[1]),
		  { 0, 8, 152, 208, 304, 416 } },
		{ "underflow OUTPUT",
		  offsetof(struct ipt_replace, underflow[3]),
		  { 0, 152, 208, 608, 832, 9 } },
	};
	struct layout l;
	struct repl r;

	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (int v = 0; v < 6; v++)
			header_case(p, fields[f].name, fields[f].at, fields[f].values[v]);
	}
	baseline(p);
	fill(p, &r, &l, DROP);
	r.head.num_counters = 6;
	say("replace len 95", set(p, IPT_SO_SET_REPLACE, &r, 95));
	say("replace len 96", set(p, IPT_SO_SET_REPLACE, &r, 96));
	say("replace one byte short", set(p, IPT_SO_SET_REPLACE, &r, 96 + r.head.size - 1));
	say("replace negative len", set(p, IPT_SO_SET_REPLACE, &r, (socklen_t)-5));
	say("replace bad pointer", set(p, IPT_SO_SET_REPLACE, (void *)8, 96));
	r.head.counters = (void *)0xdead0;
	say("replace, bad counters pointer", set(p, IPT_SO_SET_REPLACE, &r, 96 + r.head.size + 64));
	show_table(p, "filter");
	strcpy(r.head.name, "nope");
	say("replace no such table", replace(p, &r));
	r.head.num_entries++;
	say("replace no such table, bad blob", replace(p, &r));
}

static void probe_entry(const struct probe *p)
{
	static const uint16_t values[] = { 0,	8,   32,  36,  40,  48,	    64,	   111, 112,
					   120, 143, 144, 151, 152, 153,    160,   168, 176,
					   200, 207, 208, 216, 232, 0x7fff, 0xffff };
	const size_t fields[] = { p->s->target_offset, p->s->next_offset, p->s->head };
	static const int verdicts[] = { 0,     -1, -2, -3, -5, -6, -7, 0x7fffffff, (int)0x80000000,
					100000 };
	static const char *const names[] = { "target_offset", "next_offset", "target_size" };
	struct layout l;
	struct repl r;

	for (int f = 0; f < 3; f++) {
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			baseline(p);
			fill(p, &r, &l, DROP);
			put16(r.blob + fields[f], values[v]);
			printf("entry %s %u: ", names[f], values[v]);
			say_replace(p, "", &r);
		}
	}
	for (int bit = 0; bit < 8; bit++) {
		baseline(p);
		fill(p, &r, &l, DROP);
		r.blob[p->s->flags] |= 1 << bit;
		printf("entry flag bit %d: ", bit);
		say_replace(p, "", &r);
		fill(p, &r, &l, DROP);
		r.blob[p->s->invflags] = 1 << bit;
		printf("entry invflag bit %d: ", bit);
		say_replace(p, "", &r);
	}
	for (size_t v = 0; v < sizeof(verdicts) / sizeof(verdicts[0]); v++) {
		baseline(p);
		fill(p, &r, &l, DROP);
		put32(r.blob + p->s->head + 32, (uint32_t)verdicts[v]);
		printf("entry verdict %d: ", verdicts[v]);
		say_replace(p, "", &r);
	}
	for (int policy = -6; policy <= 0; policy++) {
		baseline(p);
		begin(&r, "filter", 0x0e);
		policies(p, &r, &l, policy);
		put_error(p, &r, "ERROR");
		printf("policy %d: ", policy);
		say_replace(p, "", &r);
	}
	fill(p, &r, &l, DROP);
	put32(r.blob + p->s->comefrom, 0xffffffff);
	put32(r.blob + p->s->nfcache, 0x1234);
	put32(r.blob + p->s->counters, 77);
	say_replace(p, "comefrom, nfcache and counters set", &r);
}

static void jump(const struct probe *p, const char *what, uint32_t to, bool go, bool conditional,
		 int in_chain)
{
	struct layout l;
	struct repl r;

	baseline(p);
	fill(p, &r, &l, (int)to);
	if (!conditional) {
		put16(r.blob + p->s->proto, 0);
		r.blob[p->s->flags] = 0;
	}
	if (go)
		r.blob[p->s->flags] |= p->s->f_goto;
	if (in_chain)
		put32(r.blob + l.first + p->s->head + 32, (uint32_t)in_chain);
	printf("%s%s", go ? "goto " : "", conditional ? "conditional " : "");
	say_replace(p, what, &r);
}

static void probe_jumps(const struct probe *p)
{
	struct layout l;
	struct repl r;

	fill(p, &r, &l, DROP);
	for (int i = 0; i < 4; i++) {
		jump(p, "jump to the chain", l.first, i & 1, i & 2, 0);
		jump(p, "jump between entries", l.first + 8, i & 1, i & 2, 0);
		jump(p, "jump behind the end", 99999, i & 1, i & 2, 0);
		jump(p, "jump to the last entry", l.last, i & 1, i & 2, 0);
		jump(p, "jump to the next rule", l.policy[0], i & 1, i & 2, 0);
		jump(p, "jump into a loop", l.first, i & 1, i & 2, (int)l.first);
		jump(p, "chain with ACCEPT at its end", l.first, i & 1, i & 2, ACCEPT);
	}
	/* what nobody reaches is not walked */
	baseline(p);
	fill(p, &r, &l, 0);
	put32(r.blob + l.first + p->s->head + 32, 12345);
	say_replace(p, "unreached chain with a bad jump", &r);
	fill(p, &r, &l, 0);
	put32(r.blob + l.first + p->s->head + 32, l.first);
	say_replace(p, "unreached chain with a loop", &r);
	fill(p, &r, &l, 0);
	r.head.size = l.last;
	r.head.num_entries--;
	say_replace(p, "no ERROR at the end", &r);
	fill(p, &r, &l, 0);
	memset(r.blob + l.chain + p->s->head + 32, 'c', 30);
	say_replace(p, "chain name without end", &r);
	r.blob[l.chain + p->s->head + 32 + 29] = 0;
	say_replace(p, "chain name of 29", &r);
}

struct match_case {
	const char *what, *name;
	uint8_t rev, proto, inv;
	uint16_t len;
	uint8_t data[64];
};

static void match_rule(const struct probe *p, const struct match_case *c, struct repl *r, int size)
{
	struct layout l;
	uint8_t *e;
	uint16_t n;

	begin(r, "filter", 0x0e);
	e = start_entry(p, r);
	e[p->s->proto] = c->proto;
	e[p->s->invflags] = c->inv;
	if (c->proto && p->s->af == AF_INET6)
		e[p->s->flags] = IP6T_F_PROTO;
	n = put_match(e + p->s->head, c->name, c->rev, c->data, c->len);
	if (size >= 0)
		put16(e + p->s->head, (uint16_t)size);
	put_rule(p, r, n, DROP);
	policies(p, r, &l, ACCEPT);
	put_error(p, r, "ERROR");
}

static void probe_matches(const struct probe *p)
{
	static const struct match_case cases[] = {
		{ "tcp", "tcp", 0, 6, 0, 16, { 0, 0, 255, 255, 0, 0, 255, 255 } },
		{ "tcp, junk in the padding",
		  "tcp",
		  0,
		  6,
		  0,
		  16,
		  { 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 1, 2, 3, 4 } },
		{ "tcp without -p", "tcp", 0, 0, 0, 16, { 0 } },
		{ "tcp with -p udp", "tcp", 0, 17, 0, 16, { 0 } },
		{ "tcp with ! -p tcp", "tcp", 0, 6, 0x40, 16, { 0 } },
		{ "tcp, unknown flag",
		  "tcp",
		  0,
		  6,
		  0,
		  16,
		  { 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 16 } },
		{ "tcp r1", "tcp", 1, 6, 0, 16, { 0 } },
		{ "tcp too long", "tcp", 0, 6, 0, 24, { 0 } },
		{ "tcp too short", "tcp", 0, 6, 0, 8, { 0 } },
		{ "udp", "udp", 0, 17, 0, 16, { 1, 0, 255, 255, 0, 0, 255, 255 } },
		{ "udp, unknown flag", "udp", 0, 17, 0, 16, { 1, 0, 255, 255, 0, 0, 255, 255, 4 } },
		{ "udp with -p tcp", "udp", 0, 6, 0, 16, { 0 } },
		{ "icmp", "icmp", 0, 1, 0, 8, { 8, 0, 255, 0 } },
		{ "icmp, unknown flag", "icmp", 0, 1, 0, 8, { 8, 0, 255, 2 } },
		{ "icmp6", "icmp6", 0, 58, 0, 8, { 128, 0, 255, 0 } },
		{ "icmp6, unknown flag", "icmp6", 0, 58, 0, 8, { 128, 0, 255, 2 } },
		{ "multiport", "multiport", 1, 6, 0, 48, { 1, 2, 80, 0, 187, 1 } },
		{ "multiport without -p", "multiport", 1, 0, 0, 48, { 1, 2 } },
		{ "multiport -p icmp", "multiport", 1, 1, 0, 48, { 1, 2 } },
		{ "multiport count 15", "multiport", 1, 17, 0, 48, { 1, 15 } },
		{ "multiport count 16", "multiport", 1, 17, 0, 48, { 1, 16 } },
		{ "multiport bad flag", "multiport", 1, 17, 0, 48, { 3, 1 } },
		{ "multiport r0", "multiport", 0, 17, 0, 48, { 1, 1 } },
		{ "unknown", "nosuch", 0, 0, 0, 8, { 0 } },
		{ "empty name", "", 0, 0, 0, 8, { 0 } },
		{ "name without end", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0, 0, 0, 8, { 0 } },
	};
	struct repl r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		baseline(p);
		match_rule(p, &cases[i], &r, -1);
		printf("match %s: ", cases[i].what);
		say_replace(p, "", &r);
	}
	for (int size = 0; size <= 56; size += 4) {
		baseline(p);
		match_rule(p, &cases[0], &r, size);
		printf("match_size %d: ", size);
		say_replace(p, "", &r);
	}
}

/* What the kernel takes and xtbpf does not, yet: marked for the comparison. */
static void probe_ours(const struct probe *p)
{
	static const struct match_case mac = { "mac", "mac", 0, 0, 0, 12, { 0 } };
	struct layout l;
	struct repl r;
	int err;

	baseline(p);
	match_rule(p, &mac, &r, -1);
	err = replace(p, &r);
	printf("ours unknown match: %s\n", name_of(err));
	baseline(p);
	fill(p, &r, &l, QUEUE);
	printf("ours QUEUE: %s\n", name_of(replace(p, &r)));
	baseline(p);
	show_table(p, "filter");
}

/* ---- counters -------------------------------------------------------- */

static int add(const struct probe *p, const char *table, uint32_t n, socklen_t len)
{
	struct {
		struct xt_counters_info info;
		struct xt_counters c[32];
	} a = { 0 };

	strcpy(a.info.name, table);
	a.info.num_counters = n;
	for (int i = 0; i < 32; i++)
		a.c[i] = (struct xt_counters){ .pcnt = 3 + i, .bcnt = 1000 + i };
	return set(p, IPT_SO_SET_ADD_COUNTERS, &a, len);
}

static void probe_counters(const struct probe *p)
{
	struct xt_counters old[8] = { 0 };
	struct layout l;
	struct repl r;

	baseline(p);
	for (uint32_t n = 0; n < 9; n++)
		printf("add %u: %s\n", n, name_of(add(p, "security", n, 40 + 16 * n)));
	say("add, lengths differ", add(p, "filter", 6, 40 + 5 * 16));
	say("add, count overflows", add(p, "filter", 0x10000006, 40 + 6 * 16));
	say("add, len 39", add(p, "filter", 6, 39));
	say("add, no such table", add(p, "nope", 6, 40 + 6 * 16));
	say("add, bad pointer", set(p, IPT_SO_SET_ADD_COUNTERS, (void *)8, 200));
	show_table(p, "security");
	add(p, "filter", 6, 40 + 6 * 16);
	show_table(p, "filter");
	fill(p, &r, &l, DROP);
	r.head.counters = old;
	say("replace with counters", replace(p, &r));
	for (int i = 0; i < 8; i++)
		printf("  old %llu %llu\n", (unsigned long long)old[i].pcnt,
		       (unsigned long long)old[i].bcnt);
	show_table(p, "filter");
}

static void probe_unprivileged(const struct probe *p)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setuid(65534))
			_exit(1);
		for (int opt = 63; opt <= 71; opt++) {
			if (p->s->af == AF_INET6 && opt != 64 && opt != 65 && opt < 68)
				continue;
			printf("nobody get %d: %s\n", opt, name_of(get(p, opt, NULL, 0)));
			if (opt < 66)
				printf("nobody set %d: %s\n", opt, name_of(set(p, opt, NULL, 0)));
		}
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* ---- random damage --------------------------------------------------- */

static uint32_t state;

static uint32_t random32(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static void probe_fuzz(const struct probe *p, int count)
{
	static const struct match_case tcp = {
		"", "tcp", 0, 6, 0, 16, { 0, 0, 255, 255, 80, 0, 80, 0 }
	};
	struct layout l;
	struct repl r;

	for (int i = 0; i < count; i++) {
		baseline(p);
		if (i % 2)
			match_rule(p, &tcp, &r, -1);
		else
			fill(p, &r, &l, (int)(5 * p->s->head)); /* whatever is there */
		for (uint32_t n = 1 + random32() % 2; n; n--) {
			uint32_t at = random32() % (r.head.size / 2) * 2, how = random32();

			if (how % 4 == 0)
				r.blob[at] = (uint8_t)(how >> 8);
			else if (how % 4 == 1)
				put16(r.blob + at, (uint16_t)((how >> 8) % 64 * 8));
			else
				r.blob[at] ^= 1 << (how >> 8) % 8;
		}
		printf("fuzz %d: %s\n", i, name_of(replace(p, &r)));
	}
}

int main(int argc, char **argv)
{
	struct probe p = { .s = argc > 1 && atoi(argv[1]) == 6 ? &shape6 : &shape4 };
	int count = argc > 2 ? atoi(argv[2]) : 300;

	state = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 0) | 1 : 1;
	p.fd = socket(p.s->af, SOCK_RAW, IPPROTO_RAW);
	if (p.fd < 0) {
		perror("socket");
		return 2;
	}
	probe_info(&p);
	probe_entries(&p);
	probe_revisions(&p);
	probe_header(&p);
	probe_entry(&p);
	probe_jumps(&p);
	probe_matches(&p);
	probe_counters(&p);
	probe_unprivileged(&p);
	probe_ours(&p);
	probe_fuzz(&p, count);
	return 0;
}
