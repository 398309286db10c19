/* SPDX-License-Identifier: GPL-2.0-only */
#include "load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "bpfsys.h"
#include "cleanup.h"
#include "kbtf.h"
#include "log.h"
#include "memfile.h"

#define LOG_SIZE (256u << 10)

static void cleanup_object(struct bpf_object **o)
{
	bpf_object__close(*o);
}

static void cleanup_linker(struct bpf_linker **l)
{
	bpf_linker__free(*l);
}

/* libbpf talks to stderr otherwise; what matters of it reaches the reason. */
static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[512];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	xtbpf_log(XTBPF_DEBUG, "%s", text);
	return 0;
}

static void say(struct xtbpf_reason *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct xtbpf_reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	why->err = -err;
	why->ours = true;
	why->entry = -1;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* ---- linking: the linker takes file names only ----------------------- */

static int link_one(struct bpf_linker *linker, const void *data, size_t size)
{
	_cleanup_memfile_ struct xtbpf_memfile in = { .fd = -1 };
	int err = xtbpf_memfile_new(&in, data, size);

	return err ? err : bpf_linker__add_file(linker, in.path, NULL);
}

static int link_all(const struct xtbpf_object *obj, struct xtbpf_memfile *out,
		    struct xtbpf_reason *why)
{
	__attribute__((cleanup(cleanup_linker))) struct bpf_linker *linker = NULL;
	int err = xtbpf_memfile_new(out, NULL, 0);

	if (err)
		return err;
	linker = bpf_linker__new(out->path, NULL);
	if (!linker)
		return -errno;
	err = link_one(linker, obj->elf, obj->size);
	for (size_t i = 0; !err && i < sizeof(obj->runtime) / sizeof(*obj->runtime); i++) {
		size_t size = 0;
		const void *rt;

		if (!obj->runtime[i])
			break;
		rt = xtbpf_runtime(obj->runtime[i], &size);
		err = rt ? link_one(linker, rt, size) : -ENOENT;
	}
	if (!err)
		err = bpf_linker__finalize(linker);
	if (err)
		say(why, err, "the generated object does not link: %s", strerror(-err));
	return err;
}

/* ---- loading --------------------------------------------------------- */

static int use_maps(struct bpf_object *o, const struct xtbpf_load_map *maps, size_t nmaps,
		    struct xtbpf_reason *why)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o)
	{
		const char *name = bpf_map__name(map);
		size_t i = 0;
		int err;

		if (bpf_map__is_internal(map))
			continue;
		while (i < nmaps && strcmp(maps[i].name, name))
			i++;
		/* A map nobody else sees would count into nowhere. */
		err = i < nmaps ? bpf_map__reuse_fd(map, maps[i].fd) : -ENOENT;
		if (err) {
			say(why, err, "no map for \"%s\": %s", name, strerror(-err));
			return err;
		}
	}
	return 0;
}

static void set_type(struct bpf_program *prog, enum xtbpf_prog_kind kind)
{
	/* libbpf 1.1 does not know SEC("netfilter"), and tcx takes plain SCHED_CLS programs */
	switch (kind) {
	case XTBPF_PROG_NETFILTER:
		bpf_program__set_type(prog, XTBPF_PROG_TYPE_NETFILTER);
		bpf_program__set_expected_attach_type(prog, XTBPF_ATTACH_TYPE_NETFILTER);
		break;
	case XTBPF_PROG_XDP:
		bpf_program__set_type(prog, BPF_PROG_TYPE_XDP);
		/* for the tail call to be allowed, all users of a prog array agree in these */
		bpf_program__set_expected_attach_type(prog, BPF_XDP);
		bpf_program__set_flags(prog, bpf_program__flags(prog) | BPF_F_XDP_HAS_FRAGS);
		break;
	case XTBPF_PROG_TC_INGRESS:
	case XTBPF_PROG_TC_EGRESS:
		bpf_program__set_type(prog, BPF_PROG_TYPE_SCHED_CLS);
		break;
	}
}

/* The end of the verifier's log, without its statistics, on one line. */
static void last_words(char *log, char *out, size_t size)
{
	static const char *const stats[] = { "\nprocessed ", "\nverification time ",
					     "\nstack depth " };
	size_t len;
	char *from;

	for (size_t i = 0; i < sizeof(stats) / sizeof(*stats); i++) {
		char *at = strstr(log, stats[i]);

		if (at)
			*at = '\0';
		else if (!strncmp(log, stats[i] + 1, strlen(stats[i] + 1)))
			*log = '\0';
	}
	len = strlen(log);
	from = len > 180 ? log + len - 180 : log;
	for (char *p = from; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	snprintf(out, size, "%s", from);
}

/* Level 4 (BPF_LOG_STATS) prints errors and totals, but no line per instruction. */
static int load_object(struct bpf_object *o, char *log, struct xtbpf_reason *why)
{
	char words[200];
	int err;

	log[0] = '\0';
	err = bpf_object__load(o);
	if (!err)
		return 0;
	last_words(log, words, sizeof(words));
	say(why, err, "the kernel does not load the program: %s%s%s", strerror(-err),
	    words[0] ? ": " : "", words);
	xtbpf_log(XTBPF_WARN, "%s", why->text);
	return err;
}

int xtbpf_load_info(struct xtbpf_loaded *out)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(out->fd, &info, &len);

	if (err)
		return -errno;
	out->id = info.id;
	out->insns = info.xlated_prog_len / 8;
	out->jited = info.jited_prog_len;
	return 0;
}

static int take_prog(struct bpf_object *o, const char *name, struct xtbpf_loaded *out)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(o, name);
	int fd = prog ? fcntl(bpf_program__fd(prog), F_DUPFD_CLOEXEC, 3) : -1;

	if (!prog)
		return -ENOENT;
	if (fd < 0)
		return -errno;
	out->fd = fd;
	return xtbpf_load_info(out);
}

/* libbpf's last step before bpf(): functions are all in by then. */
static int prepare(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	return xtbpf_kbtf_resolve(prog);
}

/* libbpf 1.1 does not know this section itself; calls of kernel functions are only here. */
static void know_netfilter(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = prepare);
	static bool done;

	if (!done)
		libbpf_register_prog_handler("netfilter", XTBPF_PROG_TYPE_NETFILTER,
					     XTBPF_ATTACH_TYPE_NETFILTER, &opts);
	done = true;
}

static struct bpf_object *open_object(const void *data, size_t size, const char *types, char *log)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "xtbpf", .kernel_log_buf = log,
		    .kernel_log_size = LOG_SIZE, .kernel_log_level = 4, .btf_custom_path = types);

	know_netfilter();
	libbpf_set_print(quiet);
	return bpf_object__open_mem(data, size, &opts);
}

static const char *types_for(const struct xtbpf_object *obj)
{
	const char *path = NULL;

	for (size_t i = 0; i < sizeof(obj->runtime) / sizeof(*obj->runtime); i++) {
		if (!obj->runtime[i])
			break;
		path = xtbpf_kbtf_path(obj->runtime[i]);
		if (!path)
			return NULL;
	}
	return path;
}

static int load_linked(const void *data, size_t size, const struct xtbpf_object *obj,
		       const struct xtbpf_load_map *maps, size_t nmaps, struct xtbpf_loaded *out,
		       struct xtbpf_reason *why)
{
	__attribute__((cleanup(cleanup_object))) struct bpf_object *o = NULL;
	_cleanup_free_ char *log = malloc(LOG_SIZE);
	int err;

	if (!log)
		return -ENOMEM;
	o = open_object(data, size, types_for(obj), log);
	if (!o) {
		err = -errno;
		say(why, err, "libbpf does not open the generated object: %s", strerror(-err));
		return err;
	}
	err = use_maps(o, maps, nmaps, why);
	if (err)
		return err;
	for (unsigned int i = 0; i < obj->nprogs; i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(o, obj->progs[i].name);

		if (prog)
			set_type(prog, obj->progs[i].kind);
		if (prog && obj->progs[i].skip)
			bpf_program__set_autoload(prog, false);
	}
	err = load_object(o, log, why);
	for (unsigned int i = 0; !err && i < obj->nprogs; i++)
		if (!obj->progs[i].skip)
			err = take_prog(o, obj->progs[i].name, &out[i]);
	return err;
}

int xtbpf_load(const struct xtbpf_object *obj, const struct xtbpf_load_map *maps, size_t nmaps,
	       struct xtbpf_loaded *out, struct xtbpf_reason *why)
{
	_cleanup_memfile_ struct xtbpf_memfile linked = { .fd = -1 };
	_cleanup_free_ struct xtbpf_loaded *got = calloc(obj->nprogs + 1, sizeof(*got));
	uint64_t start = now_us();
	struct stat st;
	void *data;
	int err;

	if (!got)
		return -ENOMEM;
	for (unsigned int i = 0; i < obj->nprogs; i++)
		got[i].fd = -1;
	libbpf_set_print(quiet);
	err = link_all(obj, &linked, why);
	if (err)
		return err;
	if (fstat(linked.fd, &st))
		return -errno;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, linked.fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	err = load_linked(data, (size_t)st.st_size, obj, maps, nmaps, got, why);
	munmap(data, (size_t)st.st_size);
	for (unsigned int i = 0; i < obj->nprogs; i++) {
		got[i].load_us = (uint32_t)(now_us() - start);
		if (err)
			xtbpf_cleanup_fd(&got[i].fd);
		else
			out[i] = got[i];
	}
	return err;
}

static enum xtbpf_prog_kind gate_kind(const char *name)
{
	if (!strcmp(name, "gate_nf"))
		return XTBPF_PROG_NETFILTER;
	return strcmp(name, "gate_xdp") ? XTBPF_PROG_TC_INGRESS : XTBPF_PROG_XDP;
}

static int set_slot(struct bpf_object *o, uint32_t slot)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o)
	{
		/* the gate's only global is `slot`: .rodata is 4 bytes or this fails */
		if (bpf_map__is_internal(map))
			return bpf_map__set_initial_value(map, &slot, sizeof(slot));
	}
	return -ENOENT;
}

int xtbpf_load_gate(const char *name, uint32_t slot, const struct xtbpf_load_map *maps,
		    size_t nmaps, struct xtbpf_reason *why)
{
	__attribute__((cleanup(cleanup_object))) struct bpf_object *o = NULL;
	_cleanup_free_ char *log = malloc(LOG_SIZE);
	struct bpf_program *prog;
	size_t size = 0;
	const void *elf = xtbpf_runtime(name, &size);
	int err, fd;

	if (!log)
		return -ENOMEM;
	if (!elf) {
		say(why, -ENOENT, "no runtime object \"%s\"", name);
		return -ENOENT;
	}
	o = open_object(elf, size, NULL, log);
	if (!o)
		return -errno;
	err = use_maps(o, maps, nmaps, why);
	if (!err)
		err = set_slot(o, slot);
	if (err)
		return err;
	prog = bpf_object__next_program(o, NULL);
	if (!prog)
		return -ENOENT;
	set_type(prog, gate_kind(name));
	err = load_object(o, log, why);
	if (err)
		return err;
	fd = fcntl(bpf_program__fd(prog), F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : fd;
}
