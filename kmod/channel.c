// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/xtbpf: the queue of calls between clients and the one helper. The wire
 * format and its order of things are in xtbpf/wire.h.
 *
 * A call is on the list until it is answered or given up.
 * One spinlock guards list, states and who the helper is; everything that may
 * sleep or fault (copies, allocations, opening a namespace) happens outside of
 * it, on a reference.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include "xtbpf.h"

static unsigned int timeout = 30;
module_param(timeout, uint, 0644);
MODULE_PARM_DESC(timeout, "seconds a client waits for the helper; 0: for ever (it can be killed)");
static unsigned int owner_calls = 64;
module_param(owner_calls, uint, 0644);
MODULE_PARM_DESC(owner_calls, "calls that may wait per owner of user namespaces");
static unsigned int owner_mib = 64;
module_param(owner_mib, uint, 0644);
MODULE_PARM_DESC(owner_mib, "MiB that these calls may hold together");

#define OTHERS_CALLS 1024 /* waiting calls of all owners but the host */

/* One open of the device. */
struct channel {
	pid_t tgid;
	bool ready; /* said HELLO */
};

static DEFINE_SPINLOCK(lock);
static LIST_HEAD(calls); /* QUEUED, TAKEN and LEFT, in order of arrival */
static DECLARE_WAIT_QUEUE_HEAD(readers);
static struct channel *helper; /* NULL: nobody serves */
static u64 last_id;

void xtbpf_call_put(struct xtbpf_call *call)
{
	if (!refcount_dec_and_test(&call->refs))
		return;
	put_net(call->net);
	kvfree(call->data);
	kvfree(call->reply);
	kvfree(call->counters);
	kfree(call);
}

/* Off the list, whose reference passes to the caller. Under the lock. */
static void call_unlink(struct xtbpf_call *call)
{
	struct xtbpf_net *xn = xtbpf_net(call->net);

	list_del_init(&call->node);
	if (xn->serving == call)
		xn->serving = NULL;
}

bool xtbpf_of_host(const struct net *net)
{
	return net->user_ns == &init_user_ns;
}

/*
 * Whoever may make user namespaces may make calls: bound what one owner, and all
 * of them together, can have waiting. The host's own calls are not bounded (each
 * needs a process). Under the lock.
 */
static bool within_limits(const struct xtbpf_call *add)
{
	unsigned int count = 0, others = 0;
	struct xtbpf_call *call;
	size_t bytes = add->req.size;

	if (xtbpf_of_host(add->net))
		return true;
	list_for_each_entry(call, &calls, node)
	{
		if (xtbpf_of_host(call->net))
			continue;
		others++;
		if (!uid_eq(call->net->user_ns->owner, add->net->user_ns->owner))
			continue;
		count++;
		bytes += call->req.size;
	}
	return count < owner_calls && others < OTHERS_CALLS && bytes >> 20 < owner_mib;
}

bool xtbpf_served(void)
{
	return READ_ONCE(helper);
}

/* Queue a call: its second reference goes to the list. */
static int call_queue(struct xtbpf_call *call)
{
	int err = 0;

	spin_lock(&lock);
	if (!helper) {
		err = -ENOPROTOOPT;
	} else if (helper->tgid == task_tgid_nr(current)) {
		err = -EDEADLK;
	} else if (!within_limits(call)) {
		err = -ENOBUFS;
	} else {
		refcount_inc(&call->refs);
		call->req.id = ++last_id;
		list_add_tail(&call->node, &calls);
	}
	spin_unlock(&lock);
	return err;
}

/* The client no longer waits; waited is 0 when its time was up. */
static int call_leave(struct xtbpf_call *call, long waited)
{
	bool unlinked = false;
	int err;

	spin_lock(&lock);
	if (call->state == XTBPF_DONE) { /* the answer won the race */
		err = call->err;
	} else {
		err = waited ? -EINTR : -ETIMEDOUT;
		unlinked = call->state == XTBPF_QUEUED;
		/* with the helper: stays, so that the namespace's next call waits for its end */
		call->state = unlinked ? XTBPF_DONE : XTBPF_LEFT;
		if (unlinked)
			call_unlink(call);
	}
	spin_unlock(&lock);
	if (unlinked)
		xtbpf_call_put(call);
	return err;
}

int xtbpf_call_wait(struct xtbpf_call *call)
{
	unsigned int seconds = min_t(unsigned int, READ_ONCE(timeout), INT_MAX / HZ);
	long left;
	int err;

	err = call_queue(call);
	if (err)
		return err;
	wake_up_interruptible(&readers);
	left = wait_for_completion_killable_timeout(&call->done, seconds ? (long)seconds * HZ
									 : MAX_SCHEDULE_TIMEOUT);
	if (left > 0)
		return call->err;
	err = call_leave(call, left);
	if (err == -ETIMEDOUT)
		pr_warn_ratelimited(
			"%s[%d]: no answer from xtbpfd in %u s. 'xtbpf status' says what is in "
			"force; if xtbpfd is stuck: systemctl restart xtbpfd\n",
			call->req.comm, call->req.pid, seconds);
	return err;
}

/* ---- the helper's side ------------------------------------------------ */

/*
 * The next call to hand out: the first of a namespace that has none out, and the
 * host's before those of containers, so that no flood delays the host. Under the lock.
 */
static struct xtbpf_call *next_call(const struct channel *ch)
{
	struct xtbpf_call *call, *other = NULL;

	if (helper != ch || !ch->ready)
		return NULL;
	list_for_each_entry(call, &calls, node)
	{
		if (call->state != XTBPF_QUEUED || xtbpf_net(call->net)->serving)
			continue;
		if (xtbpf_of_host(call->net))
			return call;
		if (!other)
			other = call;
	}
	return other;
}

/* Never blocks: poll. */
static ssize_t xtbpf_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct xtbpf_kmod_request req;
	struct xtbpf_call *call;

	if (size < sizeof(req))
		return -EMSGSIZE;
	spin_lock(&lock);
	call = next_call(file->private_data);
	if (call) {
		call->state = XTBPF_TAKEN;
		xtbpf_net(call->net)->serving = call;
		req = call->req;
	}
	spin_unlock(&lock);
	if (!call)
		return -EAGAIN;
	return copy_to_user(to, &req, sizeof(req)) ? -EFAULT : sizeof(req);
}

/* The helper's call with this id, NULL if it has none such. Under the lock. */
static struct xtbpf_call *find_call(const struct channel *ch, u64 id)
{
	struct xtbpf_call *call;

	if (helper == ch)
		list_for_each_entry(call, &calls,
				    node) if (call->req.id == id &&
					      call->state != XTBPF_QUEUED) return call;
	return NULL;
}

static long do_hello(struct channel *ch, const __u32 __user *arg)
{
	bool ours;
	u32 version;

	if (get_user(version, arg))
		return -EFAULT;
	if (version != XTBPF_KMOD_VERSION) {
		pr_err("xtbpfd speaks version %u, this module %u: install both from one release\n",
		       version, XTBPF_KMOD_VERSION);
		return -EPROTO;
	}
	spin_lock(&lock);
	ours = helper == ch;
	if (ours)
		ch->ready = true;
	spin_unlock(&lock);
	if (!ours)
		return -ESHUTDOWN;
	xtbpf_closed_lift();
	wake_up_interruptible(&readers);
	return 0;
}

static struct ns_common *net_ns(struct ns_common *ns)
{
	return &get_net(container_of(ns, struct net, ns))->ns;
}

static long do_fetch(struct channel *ch, const struct xtbpf_kmod_fetch __user *arg)
{
	struct xtbpf_kmod_fetch fetch;
	struct xtbpf_call *call;
	long ret = -EFAULT;

	if (copy_from_user(&fetch, arg, sizeof(fetch)))
		return -EFAULT;
	spin_lock(&lock);
	call = find_call(ch, fetch.id);
	if (call && call->state == XTBPF_LEFT)
		call = NULL;
	if (call)
		refcount_inc(&call->refs);
	spin_unlock(&lock);
	if (!call)
		return -ESRCH;
	if (!copy_to_user(u64_to_user_ptr(fetch.data), call->data, min(fetch.size, call->req.size)))
		ret = open_related_ns(&call->net->ns, net_ns); /* as SIOCGSKNS, net/socket.c */
	xtbpf_call_put(call);
	return ret;
}

static void *copy_in(u64 from, u64 size)
{
	void *buf;

	if (!size)
		return NULL;
	buf = size <= INT_MAX ? kvmalloc(size, GFP_KERNEL_ACCOUNT) : NULL;
	if (!buf)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(buf, u64_to_user_ptr(from), size)) {
		kvfree(buf);
		return ERR_PTR(-EFAULT);
	}
	return buf;
}

/* End a call. Reply and counters are the call's from here on, whatever comes of it. */
static long finish_call(struct channel *ch, const struct xtbpf_kmod_reply *wire, void *reply,
			struct xt_counters *counters)
{
	struct xtbpf_call *call;
	long ret = -ESRCH;

	spin_lock(&lock);
	call = find_call(ch, wire->id);
	if (call && (wire->size > call->reply_max || wire->ncounters > call->counters_max)) {
		call = NULL;
		ret = -EMSGSIZE;
	} else if (call) {
		ret = call->state == XTBPF_LEFT ? -ESRCH : 0;
		call_unlink(call);
		call->err = wire->err;
		call->answer = *wire;
		swap(call->reply, reply);
		swap(call->counters, counters);
		call->state = XTBPF_DONE;
		complete(&call->done);
	}
	spin_unlock(&lock);
	kvfree(reply);
	kvfree(counters);
	if (call)
		xtbpf_call_put(call);
	wake_up_interruptible(&readers); /* the namespace's next call may go out */
	return ret;
}

static long do_reply(struct channel *ch, const struct xtbpf_kmod_reply __user *arg)
{
	struct xtbpf_kmod_reply wire;
	struct xt_counters *counters;
	void *reply;

	if (copy_from_user(&wire, arg, sizeof(wire)))
		return -EFAULT;
	/* nothing that the core would take for its own (ERESTARTSYS and up) */
	if (wire.err > 0 || wire.err <= -512 || wire.skip > wire.size ||
	    wire.skip_at > wire.size - wire.skip)
		return -EINVAL;
	reply = copy_in(wire.data, wire.size);
	if (IS_ERR(reply))
		return PTR_ERR(reply);
	counters = copy_in(wire.counters, (u64)wire.ncounters * sizeof(*counters));
	if (IS_ERR(counters)) {
		kvfree(reply);
		return PTR_ERR(counters);
	}
	return finish_call(ch, &wire, reply, counters);
}

static long do_names(struct channel *ch, const struct xtbpf_kmod_names __user *arg)
{
	char text[XTBPF_KMOD_NAMES_MAX];
	struct xtbpf_kmod_names names;
	struct net *net;

	if (copy_from_user(&names, arg, sizeof(names)))
		return -EFAULT;
	if (names.size > sizeof(text) || (names.family != AF_INET && names.family != AF_INET6))
		return -EINVAL;
	if (READ_ONCE(helper) != ch)
		return -ESHUTDOWN;
	if (copy_from_user(text, u64_to_user_ptr(names.text), names.size))
		return -EFAULT;
	net = get_net_ns_by_fd(names.netns);
	if (IS_ERR(net))
		return PTR_ERR(net);
	xtbpf_names_set(net, names.family == AF_INET6, text, names.size);
	put_net(net);
	return 0;
}

static long xtbpf_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct channel *ch = file->private_data;
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case XTBPF_KMOD_HELLO:
		return do_hello(ch, p);
	case XTBPF_KMOD_FETCH:
		return do_fetch(ch, p);
	case XTBPF_KMOD_REPLY:
		return do_reply(ch, p);
	case XTBPF_KMOD_NAMES:
		return do_names(ch, p);
	}
	return -ENOTTY;
}

static __poll_t xtbpf_poll(struct file *file, poll_table *table)
{
	struct channel *ch = file->private_data;
	__poll_t mask;

	poll_wait(file, &readers, table);
	spin_lock(&lock);
	mask = helper != ch ? EPOLLHUP | EPOLLERR : next_call(ch) ? EPOLLIN | EPOLLRDNORM : 0;
	spin_unlock(&lock);
	return mask;
}

static int xtbpf_open(struct inode *inode, struct file *file)
{
	struct channel *ch;
	bool busy;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ch = kzalloc(sizeof(*ch), GFP_KERNEL);
	if (!ch)
		return -ENOMEM;
	ch->tgid = task_tgid_nr(current);
	spin_lock(&lock);
	busy = helper;
	if (!busy)
		helper = ch;
	spin_unlock(&lock);
	if (busy) {
		kfree(ch);
		return -EBUSY;
	}
	file->private_data = ch;
	return stream_open(inode, file);
}

/*
 * The helper goes: every client that waits is answered now. Calls it has not
 * seen get what a system without ip_tables gives; the outcome of those it had
 * is not known to anybody.
 */
static void helper_gone(struct channel *ch)
{
	struct xtbpf_call *call, *tmp;
	unsigned int lost = 0;
	LIST_HEAD(gone);

	spin_lock(&lock);
	if (helper == ch) {
		helper = NULL;
		list_for_each_entry_safe(call, tmp, &calls, node)
		{
			lost += call->state == XTBPF_TAKEN;
			call->err = call->state == XTBPF_QUEUED ? -ENOPROTOOPT : -ECONNRESET;
			call->state = XTBPF_DONE;
			call_unlink(call);
			list_add_tail(&call->node, &gone);
		}
	}
	spin_unlock(&lock);
	list_for_each_entry_safe(call, tmp, &gone, node)
	{
		complete(&call->done);
		xtbpf_call_put(call);
	}
	if (lost)
		pr_warn("xtbpfd went away while serving %u call(s); after its restart 'xtbpf "
			"status' says what is in force\n",
			lost);
	wake_up_interruptible(&readers);
}

/*
 * Called when any process that has the file closes it. When the helper itself
 * does (or dies), children that inherited the file must not keep clients waiting.
 */
static int xtbpf_flush(struct file *file, fl_owner_t id)
{
	struct channel *ch = file->private_data;

	if (ch->tgid == task_tgid_nr(current))
		helper_gone(ch);
	return 0;
}

static int xtbpf_release(struct inode *inode, struct file *file)
{
	struct channel *ch = file->private_data;

	helper_gone(ch);
	kfree(ch);
	return 0;
}

static const struct file_operations xtbpf_fops = {
	.owner = THIS_MODULE, /* no unloading while a helper is there */
	.open = xtbpf_open,
	.read = xtbpf_read,
	.poll = xtbpf_poll,
	.unlocked_ioctl = xtbpf_ioctl,
	.flush = xtbpf_flush,
	.release = xtbpf_release,
};

static struct miscdevice xtbpf_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xtbpf",
	.fops = &xtbpf_fops,
	.mode = 0600,
};

int xtbpf_channel_init(void)
{
	return misc_register(&xtbpf_device);
}

void xtbpf_channel_exit(void)
{
	misc_deregister(&xtbpf_device);
}
