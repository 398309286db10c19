# SPDX-License-Identifier: GPL-2.0-only
# Many calls, large tables, and the memory of both sides afterwards.

appends=$(long 500 60)
each=$(long 100 10)
ours_on
has_rules() { # N
	[ "$(iptables-legacy -S INPUT | grep -c '^-A')" = "$1" ]
}
vmalloc() {
	awk '/VmallocUsed/ { print $2 }' /proc/meminfo
}
resident() {
	awk '/VmRSS/ { print $2 }' /proc/$pid/status
}
iptables-legacy -A INPUT -j ACCEPT
iptables-legacy -F
module_before=$(vmalloc)
helper_before=$(resident)

failed=0
start=$(date +%s)
for i in $(seq $appends); do
	iptables-legacy -A INPUT -p tcp --dport $i -j DROP || failed=$((failed + 1))
done
is "$appends appends in a row: none fails" $failed 0
check "none is lost" has_rules $appends
note "$appends appends: $(($(date +%s) - start)) s in this guest"
iptables-legacy -F

for client in 1 2 3 4; do
	(
		for i in $(seq $each); do
			iptables-legacy -w -A INPUT -p tcp --dport $((client * 1000 + i)) -j DROP || echo lost
		done >/tmp/client.$client 2>&1
	) &
	clients="$clients $!"
done
wait $clients
is "4 clients of $each: none fails" "$(cat /tmp/client.? | wc -l)" 0
check "none is lost" has_rules $((4 * each))
iptables-legacy -F

# without the lock the kernel's EAGAIN decides: every success is in the table, and nothing else
for client in 1 2; do
	(
		ok=0
		for i in $(seq $each); do
			XTABLES_LOCKFILE=/tmp/lock.$client iptables-legacy -A INPUT -p tcp --dport $((client * 1000 + i)) \
				-j DROP 2>/dev/null && ok=$((ok + 1))
		done
		echo $ok >/tmp/client.$client
	) &
	racers="$racers $!"
done
wait $racers
check "clients without a common lock: nobody is stuck, and there are rules" \
	[ "$(iptables-legacy -S INPUT | grep -c '^-A')" -ge "$(sort -n /tmp/client.1 | head -n 1)" ]
iptables-legacy -F

many() { # N: a ruleset
	awk -v n="$1" 'BEGIN {
		print "*filter"
		for (i = 0; i < n; i++)
			printf "-A INPUT -s 10.%d.%d.%d/32 -p tcp -m tcp --dport %d -j DROP\n", i / 65536, i / 256 % 256, i % 256, i % 60000 + 1
		print "COMMIT"
	}'
}
some=$(long 5000 1000)
many $some >/tmp/some
check "$some rules are restored" iptables-legacy-restore /tmp/some
check "and are all there" has_rules $some
many 50000 >/tmp/50k
echo 300 >/sys/module/xtbpf/parameters/timeout # under emulation verifying takes its time
if iptables-legacy-restore /tmp/50k 2>/tmp/out; then
	check "50000 rules are restored" has_rules 50000
else
	note "50000 rules: $(xtbpf why | head -n 3)"
	check "50000 rules are more than the translator takes: the old table stands" has_rules $some
	check "and the kernel log says why" log 'xtbpf: iptables-legacy'
fi
iptables-legacy -F
iptables-legacy -S >/dev/null
sleep 1
grown=$(($(vmalloc) - module_before))
check "after -F the kernel has its memory back (grown by $grown KiB)" [ $grown -lt 1024 ]
grown=$(($(resident) - helper_before))
check "and so the helper (grown by $grown KiB)" [ $grown -lt 16384 ]

# an unprivileged flood against the real helper, and the host's own call meanwhile
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn sh -c '
	kmodtest flood 300; kmodtest flood 300' >/tmp/flood &
flood=$!
start=$(date +%s)
check "the host is served during a flood" iptables-legacy -A INPUT -p udp --dport 1 -j DROP
check "in time" [ $(($(date +%s) - start)) -le 5 ]
wait $flood
note "flood: $(sort /tmp/flood | tr '\n' ' ')"
is "the flood ends" "$(awk '{ n += $1 } END { print n }' /tmp/flood)" 600
ours_off
