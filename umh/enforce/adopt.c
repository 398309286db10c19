/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking up what an earlier helper left: the generation cell says what is in
 * force; whatever belongs to a later generation never was, whatever was replaced
 * before it may have been left behind by a kill.
 */
#include <bpf/bpf.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/socket.h>

#include "../cleanup.h"
#include "../log.h"
#include "internal.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* ---- who and where --------------------------------------------------- */

static int read_cookie(void *arg)
{
	_cleanup_fd_ int sk = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(uint64_t);

	if (sk < 0)
		return -errno;
	return getsockopt(sk, SOL_SOCKET, SO_NETNS_COOKIE, arg, &len) ? -errno : 0;
}

/* The linker's build id of this binary (NT_GNU_BUILD_ID). */
static int find_build(struct dl_phdr_info *info, size_t size, void *arg)
{
	uint8_t *out = arg;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const uint8_t *at = (const uint8_t *)info->dlpi_addr + ph->p_vaddr;
		const uint8_t *end = at + ph->p_memsz;

		while (ph->p_type == PT_NOTE && (size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
			const ElfW(Nhdr) *note = (const void *)at;
			size_t name = (note->n_namesz + 3u) & ~3u;
			size_t desc = (note->n_descsz + 3u) & ~3u;

			if (name + desc > (size_t)(end - at) - sizeof(*note))
				break;
			at += sizeof(*note);
			if (note->n_type == NT_GNU_BUILD_ID && name == 4 && !memcmp(at, "GNU", 4)) {
				memcpy(out, at + name, note->n_descsz < 24 ? note->n_descsz : 24);
				return 1;
			}
			at += name + desc;
		}
	}
	return 1; /* the first object is the program itself */
}

int meta_now(struct xtbpf_enforce *e, struct meta *m)
{
	int err;

	memset(m, 0, sizeof(*m));
	err = xtbpf_ns_enter(e->ns->fd, read_cookie, &m->cookie);
	if (err && err != -ENOPROTOOPT) /* before 5.14 there are none */
		return err;
	dl_iterate_phdr(find_build, m->build);
	m->attach = xtbpf_env()->attach;
	m->early = xtbpf_env()->early;
	return 0;
}

/*
 * -ENOENT: these pins are not this namespace's, or never were complete. Nothing
 * else may say so, because then they are removed: what could not be read, for want
 * of a descriptor or of memory, may well be what is in force.
 */
static int check_meta(struct xtbpf_enforce *e)
{
	_cleanup_fd_ int fd = pins_get(e, "meta");
	struct meta now, then = { 0 };
	uint32_t zero = 0;
	int err;

	if (fd < 0)
		return fd;
	if (bpf_map_lookup_elem(fd, &zero, &then))
		return -EUCLEAN;
	err = meta_now(e, &now);
	if (err)
		return err == -ENOENT ? -EUCLEAN : err;
	if (now.cookie != then.cookie)
		return -ENOENT;
	e->stale = memcmp(&now, &then, sizeof(now)) != 0;
	return 0;
}

/* ---- counters -------------------------------------------------------- */

/* "cnt_4_filter_17" or "base_...": true and its parts if it is one. */
static bool parse_counts(const char *name, enum xtbpf_family *family, enum xtbpf_table_id *table,
			 uint32_t *gen)
{
	char what[8], tab[16], fam;

	if (sscanf(name, "%7[a-z]_%c_%15[a-z]_%u", what, &fam, tab, gen) != 4)
		return false;
	if ((strcmp(what, "cnt") && strcmp(what, "base")) || (fam != '4' && fam != '6'))
		return false;
	*family = fam == '4' ? XTBPF_IPV4 : XTBPF_IPV6;
	*table = xtbpf_table_find(tab);
	return *table != XTBPF_NTABLE;
}

/* The latest that is not from the future wins; generations may wrap. */
static void find_counts(struct xtbpf_enforce *e, const char *name)
{
	enum xtbpf_family family;
	enum xtbpf_table_id table;
	struct counts *have, c;
	uint32_t gen;

	if (!parse_counts(name, &family, &table, &gen) || strncmp(name, "cnt", 3))
		return;
	have = &e->counts[family][table];
	if ((int32_t)(gen - *e->gen) > 0 || (have->n && (int32_t)(gen - have->gen) <= 0))
		return;
	if (counts_adopt(e, family, table, gen, &c)) {
		e->stale = true;
		return;
	}
	counts_close(have);
	*have = c;
}

static void clean_counts(struct xtbpf_enforce *e, const char *name)
{
	enum xtbpf_family family;
	enum xtbpf_table_id table;
	uint32_t gen;

	if (parse_counts(name, &family, &table, &gen) &&
	    (!e->counts[family][table].n || e->counts[family][table].gen != gen))
		pins_remove(e, name);
}

int enforce_adopt(struct xtbpf_enforce *e, struct xtbpf_reason *why)
{
	int err = check_meta(e);

	if (err)
		return err;
	err = maps_adopt(e);
	if (err == -ENOENT) /* meta came last, so there was one: not a namespace's beginning */
		err = -EUCLEAN;
	if (err)
		return enforce_why(why, err,
				   "the pins in %s cannot be taken up again (%s): what is in force "
				   "stays in force; to start over, stop xtbpfd and remove that "
				   "directory",
				   e->dir, strerror(-err));
	slots_adopt(e);
	pins_each(e, find_counts);
	pins_each(e, clean_counts);
	pins_each(e, link_adopt);
	err = links_netfilter(e, NULL, why);
	if (err)
		xtbpf_log(XTBPF_ERR, "namespace %llu: %s", (unsigned long long)e->ns->ino,
			  why->text);
	return 0;
}
