/* SPDX-License-Identifier: GPL-2.0-only */
#include "enforce.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include "cleanup.h"
#include "enforce/internal.h"
#include "log.h"
#include "watch/watch.h"

void enforce_note(struct xtbpf_enforce *e, const char *fmt, ...)
{
	char text[sizeof(e->note[0])];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (unsigned int i = 0; i < e->nnotes; i++)
		if (!strcmp(e->note[i], text))
			return;
	if (e->nnotes == sizeof(e->note) / sizeof(e->note[0])) {
		memmove(e->note[0], e->note[1], sizeof(e->note) - sizeof(e->note[0]));
		e->nnotes--;
	}
	strcpy(e->note[e->nnotes++], text);
}

int enforce_why(struct xtbpf_reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (why->text[0])
		return err;
	why->err = -err;
	why->ours = true;
	why->entry = -1;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return err;
}

static void close_fds(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		xtbpf_cleanup_fd(&fds[i]);
}

/* Everything of ours but the watch and the links. */
void enforce_free(struct xtbpf_enforce *e)
{
	for (int f = 0; f < XTBPF_NFAMILY; f++)
		for (int t = 0; t < XTBPF_NTABLE; t++)
			counts_close(&e->counts[f][t]);
	for (int m = 0; m < NSLOT_MAP; m++) {
		xtbpf_cleanup_fd(&e->pass[m].fd);
		close_fds(e->gate_fd[m], XTBPF_NSLOT);
		for (int s = 0; s < XTBPF_NSLOT; s++)
			xtbpf_cleanup_fd(&e->slots[m][s].prog.fd);
	}
	close_fds(e->slots_fd, NSLOT_MAP);
	close_fds(e->env_fd, NENV_MAP);
	if (e->gen)
		munmap(e->gen, (size_t)sysconf(_SC_PAGESIZE));
	xtbpf_cleanup_fd(&e->gen_fd);
	free(e);
}

static struct xtbpf_enforce *enforce_new(struct xtbpf_ns *ns)
{
	struct xtbpf_enforce *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->ns = ns;
	e->gen_fd = -1;
	for (int m = 0; m < NSLOT_MAP; m++) {
		e->slots_fd[m] = -1;
		e->pass[m].fd = -1;
		for (int s = 0; s < XTBPF_NSLOT; s++) {
			e->gate_fd[m][s] = -1;
			e->slots[m][s].prog.fd = -1;
		}
	}
	for (int i = 0; i < NENV_MAP; i++)
		e->env_fd[i] = -1;
	return e;
}

static int open_new(struct xtbpf_enforce *e, struct xtbpf_reason *why)
{
	int err = pins_dir(e, true);

	if (err < 0)
		return enforce_why(why, err, "%s cannot be made: %s", e->dir, strerror(-err));
	return maps_create(e, why);
}

/* -ENOENT: there is nothing of this namespace's to adopt. */
static int open_old(struct xtbpf_enforce *e, struct xtbpf_reason *why)
{
	int err = pins_dir(e, false);

	if (err < 0)
		return err;
	err = enforce_adopt(e, why);
	if (err != -ENOENT)
		return err;
	xtbpf_log(XTBPF_NOTICE, "%s is of another namespace or never was complete: removed",
		  e->dir);
	pins_remove_all(e);
	return err;
}

int xtbpf_enforce_open(struct xtbpf_ns *ns, struct xtbpf_enforce **out, struct xtbpf_reason *why)
{
	struct xtbpf_enforce *e = enforce_new(ns);
	int err;

	if (!e)
		return -ENOMEM;
	err = slots_open(e, why);
	if (!err) {
		err = open_old(e, why);
		if (err == -ENOENT)
			err = open_new(e, why);
	}
	if (!err)
		err = watch_open(e, &e->watch);
	if (err) {
		links_leave(e);
		enforce_free(e);
		return enforce_why(why, err, "%s", strerror(-err));
	}
	err = devices_sync(e, NULL, why);
	if (!err)
		err = life_start();
	if (err)
		xtbpf_log(XTBPF_WARN, "namespace %llu: %s", (unsigned long long)ns->ino,
			  why->text[0] ? why->text : strerror(-err));
	why->text[0] = '\0';
	*out = e;
	return 0;
}

void enforce_tick(struct xtbpf_enforce *e)
{
	watch_tick(e->watch);
}

uint32_t xtbpf_enforce_generation(const struct xtbpf_enforce *e)
{
	return __atomic_load_n(e->gen, __ATOMIC_SEQ_CST);
}

int xtbpf_enforce_read(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		       struct xt_counters *out, size_t n)
{
	const struct counts *c = &e->counts[family][table];

	if (!c->n) {
		memset(out, 0, n * sizeof(*out));
		return 0;
	}
	return counts_read(c, out, n);
}

int xtbpf_enforce_add(struct xtbpf_enforce *e, enum xtbpf_family family, enum xtbpf_table_id table,
		      const struct xt_counters *add, size_t n)
{
	struct counts *c = &e->counts[family][table];

	if (n > c->n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		__atomic_fetch_add(&c->base[i].pcnt, add[i].pcnt, __ATOMIC_RELAXED);
		__atomic_fetch_add(&c->base[i].bcnt, add[i].bcnt, __ATOMIC_RELAXED);
	}
	return 0;
}

void xtbpf_enforce_destroy(struct xtbpf_enforce *e)
{
	watch_close(e->watch);
	while (e->links)
		link_detach(e, e->links);
	pins_remove_all(e);
	enforce_free(e);
}

void xtbpf_enforce_leave(struct xtbpf_enforce *e)
{
	watch_close(e->watch);
	links_leave(e);
	enforce_free(e);
}
