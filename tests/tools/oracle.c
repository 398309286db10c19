// SPDX-License-Identifier: GPL-2.0-only
/*
 * The translator's front half against the kernel's own ip_tables, in a network
 * namespace that the caller has made for it:
 *   oracle blobs SEED COUNT    damaged blobs: same errno, same reachable hooks
 *   oracle packets SEED COUNT  random rulesets: evaluator and kernel count the same
 * Packets come in by the tun device "eth0" and are forwarded to "eth1", so that IPv4
 * fragments are seen as they are. Exit status 1 when anything differs.
 */
#include "tests/unit/random.h"
#include "tests/unit/replace.h"
#include "translator/ruleset.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PACKETS 60
#define MAX_HITS 128
#define IN_GROUP 1 /* of the devices, by the caller */
#define OUT_GROUP 2

static unsigned int differences;

static bool v6(const struct xtbpf_blob *blob)
{
	return blob->family == XTBPF_IPV6;
}

/* The entry after this one of a blob that was accepted. */
static uint32_t next_entry(const struct xtbpf_blob *blob, const uint8_t *entries, uint32_t at)
{
	uint16_t next;

	memcpy(&next,
	       entries + at +
		       (v6(blob) ? offsetof(struct ip6t_entry, next_offset)
				 : offsetof(struct ipt_entry, next_offset)),
	       sizeof(next));
	return at + next;
}

/* ---- blobs -------------------------------------------------------------- */

/* Damage where the kernel looks: heads, sizes, names, verdicts, hooks. */
static void damage(struct rnd *r, struct blobs *b, const uint32_t *offset)
{
	static const uint8_t odd[] = { 0, 1, 2, 4, 8, 0x7f, 0x80, 0xfb, 0xfe, 0xff };
	uint32_t head = v6(&b->blob) ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);
	uint32_t n = b->blob.num_entries, from = offset[rnd_below(r, n)], at;
	uint8_t *bytes = b->blob.entries;

	at = from + (rnd_one_in(r, 2) ? rnd_below(r, head) : head + rnd_below(r, 80));
	if (rnd_one_in(r, 3))
		at = from + head - 32 + rnd_below(r, 16); /* offsets */
	if (at < b->blob.size)
		bytes[at] = rnd_one_in(r, 2) ? odd[rnd_below(r, sizeof(odd))]
					     : (uint8_t)rnd_below(r, 256);
	if (rnd_one_in(r, 8))
		b->blob.hook_entry[rnd_below(r, XTBPF_NHOOK)] = offset[rnd_below(r, n)];
	if (rnd_one_in(r, 8))
		b->blob.underflow[rnd_below(r, XTBPF_NHOOK)] = offset[rnd_below(r, n)];
}

/* A jump from one entry to another. */
static void rewire(struct rnd *r, struct blobs *b, const uint32_t *offset)
{
	uint32_t n = b->blob.num_entries;

	blobs_verdict(b, offset[rnd_below(r, n)], (int32_t)offset[rnd_below(r, n)]);
}

static void compare_reach(const struct xtbpf_blob *blob, const uint8_t *kernel, unsigned int i)
{
	size_t field = v6(blob) ? offsetof(struct ip6t_entry, comefrom)
				: offsetof(struct ipt_entry, comefrom);
	const uint8_t *ours = blob->entries;
	uint32_t at;

	for (at = 0; at < blob->size; at = next_entry(blob, ours, at))
		if (memcmp(kernel + at + field, ours + at + field, 4) != 0) {
			printf("# blob %u: entry at %u is reached from other hooks\n", i, at);
			differences++;
			return;
		}
}

static void one_blob(struct rnd *r, const int fd[XTBPF_NFAMILY], unsigned int i)
{
	struct blobs *b = rnd_ruleset(r, i % XTBPF_NFAMILY);
	uint32_t *offset = calloc(b->blob.num_entries, sizeof(*offset));
	struct xtbpf_ruleset *rs = NULL;
	struct xtbpf_reason why = { .err = 0 };
	uint8_t *entries;
	int kernel, ours;
	uint32_t n;

	for (n = 1; offset && n < b->blob.num_entries; n++)
		offset[n] = next_entry(&b->blob, b->blob.entries, offset[n - 1]);
	if (offset && rnd_one_in(r, 4))
		rewire(r, b, offset);
	if (offset && !rnd_one_in(r, 4))
		damage(r, b, offset);
	free(offset);
	kernel = kernel_replace(fd[b->blob.family], &b->blob);
	ours = xtbpf_ruleset_new(&b->blob, false, &rs, &why);
	if (kernel != ours && !why.ours) {
		printf("# blob %u: kernel %d, ours %d (%s)\n", i, kernel, ours, why.text);
		differences++;
	}
	entries = !kernel && !ours ? kernel_entries(fd[b->blob.family], &b->blob) : NULL;
	if (entries)
		compare_reach(&b->blob, entries, i);
	free(entries);
	xtbpf_ruleset_free(rs);
	blobs_free(b);
}

/* ---- packets ------------------------------------------------------------ */

static int tun_open(const char *name)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	strcpy(req.ifr_name, name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &req) < 0)
		return -errno;
	return fd;
}

static void put_checksum(uint8_t *p)
{
	unsigned int i, words = (p[0] & 15u) * 2;
	uint32_t sum = 0;

	p[10] = p[11] = 0;
	for (i = 0; i < words; i++)
		sum += (uint32_t)(p[2 * i] << 8 | p[2 * i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
}

/* What ip_rcv and ipv6_rcv check before any hook, and a packet that lives to be forwarded. */
static void make_valid(enum xtbpf_family family, uint8_t *p, uint32_t len)
{
	if (family == XTBPF_IPV6) {
		p[4] = (uint8_t)((len - 40) >> 8);
		p[5] = (uint8_t)(len - 40);
		p[7] += p[7] < 2 ? 2 : 0;
		return;
	}
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	p[6] &= 0x7f;
	p[8] += p[8] < 2 ? 2 : 0;
	put_checksum(p);
}

static bool read_counters(int fd, const struct xtbpf_blob *blob, struct xt_counters *out)
{
	size_t field = v6(blob) ? offsetof(struct ip6t_entry, counters)
				: offsetof(struct ipt_entry, counters);
	uint8_t *entries = kernel_entries(fd, blob);
	uint32_t at;

	if (!entries)
		return false;
	for (at = 0; at < blob->size; at = next_entry(blob, entries, at))
		memcpy(out++, entries + at + field, sizeof(*out));
	free(entries);
	return true;
}

static void print_packet(const char *what, const struct xtbpf_packet *pkt)
{
	uint32_t i;

	printf("# %s: ", what);
	for (i = 0; i < pkt->len; i++)
		printf("%02x", pkt->l3[i]);
	puts("");
}

/* A table in the kernel and the same as a ruleset; counters before, wanted, read. */
struct bench {
	const struct xtbpf_ruleset *rs;
	int fd, tun;
	size_t size;
	struct xt_counters *before, *want, *got;
};

enum answer { SAME, UNSEEN, DIFFERENT, BROKEN };

static enum answer send_packet(struct bench *t, const struct xtbpf_packet *pkt,
			       const struct xtbpf_packet *forwarded)
{
	uint32_t hits[MAX_HITS];
	struct xtbpf_path path = { hits, 0, MAX_HITS };
	enum answer answer = SAME;
	unsigned int n;

	xtbpf_eval(t->rs, XTBPF_FORWARD, forwarded, &path);
	memcpy(t->want, t->before, t->size);
	for (n = 0; n < path.nhits && n < MAX_HITS; n++) {
		t->want[hits[n]].pcnt++;
		t->want[hits[n]].bcnt += pkt->len;
	}
	if (write(t->tun, pkt->l3, pkt->len) != (ssize_t)pkt->len ||
	    !read_counters(t->fd, t->rs->blob, t->got))
		return BROKEN;
	if (memcmp(t->want, t->got, t->size) != 0)
		answer = memcmp(t->before, t->got, t->size) == 0 ? UNSEEN : DIFFERENT;
	memcpy(t->before, t->got, t->size);
	return answer;
}

/* The kernel's own packets (MLD, router solicitations) come and go: ask again. */
static enum answer try_packet(struct bench *t, const struct xtbpf_packet *pkt,
			      const struct xtbpf_packet *forwarded)
{
	enum answer answer = DIFFERENT;
	unsigned int tries;

	for (tries = 0; tries < 3 && answer == DIFFERENT; tries++)
		answer = send_packet(t, pkt, forwarded);
	return answer;
}

/* Returns how many packets never got there: a bad hop-by-hop header, mostly. */
static unsigned int packets(struct rnd *r, struct bench *t)
{
	unsigned int i, unseen = 0;

	for (i = 0; i < PACKETS; i++) {
		uint8_t buf[RND_PACKET_MAX], older[RND_PACKET_MAX];
		struct xtbpf_packet pkt, forwarded;
		enum answer answer;

		rnd_packet(r, t->rs->family, buf, &pkt);
		make_valid(t->rs->family, buf, pkt.len);
		memcpy(older, buf, pkt.len);
		older[t->rs->family == XTBPF_IPV6 ? 7 : 8]--;
		if (t->rs->family == XTBPF_IPV4)
			put_checksum(older);
		forwarded = pkt;
		forwarded.l3 = older;
		strcpy(forwarded.in, "eth0");
		strcpy(forwarded.out, "eth1");
		forwarded.has_mac = false;
		forwarded.pkt_type = 0;
		forwarded.cpu = 0;
		forwarded.in_group = IN_GROUP;
		forwarded.out_group = OUT_GROUP;
		answer = try_packet(t, &pkt, &forwarded);
		unseen += answer == UNSEEN;
		if (answer == DIFFERENT || answer == BROKEN) {
			print_packet(answer == BROKEN ? "not sent" : "counted differently", &pkt);
			differences++;
		}
	}
	return unseen;
}

static void one_ruleset(struct rnd *r, const int fd[XTBPF_NFAMILY], int tun, unsigned int i,
			unsigned int *unseen)
{
	struct blobs *b = rnd_ruleset(r, i % XTBPF_NFAMILY);
	struct xtbpf_ruleset *rs = NULL;
	size_t size = b->blob.num_entries * sizeof(struct xt_counters);
	struct xt_counters *room = calloc(3, size);
	struct bench t = { .fd = fd[b->blob.family], .tun = tun, .size = size };
	struct xtbpf_reason why = { .text = "" };

	if (!room || kernel_replace(t.fd, &b->blob) < 0 ||
	    xtbpf_ruleset_new(&b->blob, true, &rs, &why) < 0) {
		printf("# ruleset %u does not load: kernel %d, ours %s\n", i,
		       kernel_replace(t.fd, &b->blob), why.text);
		differences++;
	} else {
		t.rs = rs;
		t.before = room;
		t.want = room + b->blob.num_entries;
		t.got = t.want + b->blob.num_entries;
		*unseen += packets(r, &t);
	}
	free(room);
	xtbpf_ruleset_free(rs);
	blobs_free(b);
}

int main(int argc, char **argv)
{
	const int fd[XTBPF_NFAMILY] = { kernel_socket(XTBPF_IPV4), kernel_socket(XTBPF_IPV6) };
	bool blobs = argc == 4 && strcmp(argv[1], "blobs") == 0;
	unsigned int i, n, unseen = 0;
	struct rnd r = { 0 };
	cpu_set_t cpu;
	int tun = -1;

	if (argc != 4 || (!blobs && strcmp(argv[1], "packets") != 0)) {
		fprintf(stderr, "usage: oracle blobs|packets SEED COUNT\n");
		return 2;
	}
	if (!blobs)
		tun = tun_open("eth0");
	if (fd[XTBPF_IPV4] < 0 || fd[XTBPF_IPV6] < 0 || (!blobs && tun < 0)) {
		fprintf(stderr, "oracle: needs root, ip_tables and /dev/net/tun\n");
		return 3;
	}
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu); /* for -m cpu */
	n = (unsigned int)strtoul(argv[3], NULL, 0);
	for (i = 0; i < n; i++) {
		r.state = strtoull(argv[2], NULL, 0) + i;
		if (blobs)
			one_blob(&r, fd, i);
		else
			one_ruleset(&r, fd, tun, i, &unseen);
	}
	printf("# %u %s, %u differences", n, argv[1], differences);
	if (!blobs)
		printf("; %u of %u packets were discarded before the hook", unseen, n * PACKETS);
	puts("");
	/* most packets must have been seen, else this shows nothing */
	return differences || unseen > n * PACKETS / 10;
}
