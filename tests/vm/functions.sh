# SPDX-License-Identifier: GPL-2.0-only
# What is run once on the kernel's ip_tables and once on xtbpf, and compared; sourced.

# links WORD: WORD where there are netfilter links, else -S. Without them (before 6.4)
# TC decides: only filter can have rules, and not all is exact.
links() {
	case $(uname -r) in
	6.1.*) echo "-S" ;;
	*) echo "$1" ;;
	esac
}

# Every kind of change, its output and exit status.
clients() {
	for tool in iptables-legacy ip6tables-legacy; do
		for args in '-P FORWARD DROP' '-N web' '-A web -p tcp --dport 80 -j ACCEPT' \
			'-A web -p tcp -m multiport --dports 443,8443 -m comment --comment tls -j ACCEPT' \
			'-A INPUT -i lo -j ACCEPT' '-A INPUT -p tcp -j web' '-A INPUT -p udp --sport 1000:2000 -j DROP' \
			'-I OUTPUT 1 -p tcp --tcp-flags SYN,ACK SYN -j ACCEPT' '-C INPUT -i lo -j ACCEPT' \
			'-C INPUT -i eth7 -j ACCEPT' '-D INPUT -p udp --sport 1000:2000 -j DROP' '-D INPUT 7' \
			'-R INPUT 1 -i lo+ -j ACCEPT' '-E web www' '-X www' '-S' '-L -n --line-numbers' '-Z' '-Z INPUT 1' \
			'-A INPUT -j nothing' "$(links '-t raw -A PREROUTING -s 10.1.2.0/24 -j DROP')" '-t mangle -S' '-t security -S' \
			'-t nothing -S' '-N www' '-A www -j www' '-t nat -S'; do
			echo "+ $tool $args"
			$tool $args 2>&1
			echo "= $?"
		done
		echo "+ save"
		"$tool-save" | grep -v '^#'
		"$tool-save" >/tmp/saved
		"$tool-restore" </tmp/saved
		echo "= restore $?"
		"$tool-save" | grep -v '^#'
		"$tool-restore" --test </tmp/saved
		echo "= restore --test $?"
		printf '*filter\n:INPUT ACCEPT [5:600]\n-A INPUT -p tcp -j ACCEPT -c 7 700\nCOMMIT\n' | "$tool-restore" -c
		echo "= restore -c $?"
		"$tool-save" -c -t filter | grep -v '^#'
		cat "/proc/net/$(echo "$tool" | sed 's/tables-legacy//')_tables_names"
	done
}

# The socket options and their results, as strace sees them.
traced() {
	strace -f -v -s 4096 -e trace=getsockopt,setsockopt -o /tmp/strace "$@" >/dev/null 2>&1
	sed 's/^[0-9]* *//' /tmp/strace | grep -v '^---\|^+++'
}
calls() {
	for args in '-A INPUT -p tcp -m multiport --dports 1,2 -j ACCEPT' '-S' '-D INPUT 1' '-t nothing -L' '-A INPUT -j none'; do
		echo "+ $args"
		traced iptables-legacy $args
	done
	echo '*filter
-A INPUT -p udp --dport 5 -j DROP
COMMIT' >/tmp/rules
	traced iptables-legacy-restore /tmp/rules
	traced iptables-legacy-save
	traced iptables-legacy -F
}
