// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/ip_tables_names and ip6_tables_names of each network namespace:
 * iptables-save lists the tables from there, and libxtables takes their presence
 * for "no need to modprobe". The helper writes them; they outlive it, as what it
 * attached does.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>
#include <net/netns/generic.h>

#include "xtbpf.h"

static unsigned int net_id;
static DEFINE_SPINLOCK(lock);
static const char *const file[2] = { "ip_tables_names", "ip6_tables_names" };

struct xtbpf_net *xtbpf_net(const struct net *net)
{
	return net_generic(net, net_id);
}

void xtbpf_names_set(struct net *net, bool v6, const char *text, u32 len)
{
	struct xtbpf_net *xn = xtbpf_net(net);

	spin_lock(&lock);
	memcpy(xn->names[v6], text, len);
	xn->names_len[v6] = len;
	spin_unlock(&lock);
}

static int names_show(struct seq_file *seq, void *v)
{
	struct xtbpf_net *xn = xtbpf_net(seq_file_single_net(seq));
	bool v6 = pde_data(file_inode(seq->file)) == file[1];

	spin_lock(&lock);
	seq_write(seq, xn->names[v6], xn->names_len[v6]);
	spin_unlock(&lock);
	return 0;
}

static int __net_init names_net_init(struct net *net)
{
	/* owner and mode as in net/netfilter/x_tables.c, xt_proto_init */
	kuid_t uid = make_kuid(net->user_ns, 0);
	kgid_t gid = make_kgid(net->user_ns, 0);
	struct proc_dir_entry *entry;
	int i;

	for (i = 0; i < 2; i++) {
		entry = proc_create_net_single(file[i], 0440, net->proc_net, names_show,
					       (void *)file[i]);
		if (!entry) {
			if (i)
				remove_proc_entry(file[0], net->proc_net);
			return -ENOMEM;
		}
		if (uid_valid(uid) && gid_valid(gid))
			proc_set_user(entry, uid, gid);
	}
	return 0;
}

static void __net_exit names_net_exit(struct net *net)
{
	remove_proc_entry(file[0], net->proc_net);
	remove_proc_entry(file[1], net->proc_net);
}

static struct pernet_operations names_net_ops = {
	.init = names_net_init,
	.exit = names_net_exit,
	.id = &net_id,
	.size = sizeof(struct xtbpf_net),
};

int xtbpf_names_init(void)
{
	return register_pernet_subsys(&names_net_ops);
}

void xtbpf_names_exit(void)
{
	unregister_pernet_subsys(&names_net_ops);
}
