# SPDX-License-Identifier: GPL-2.0-only
# The module against a client and a helper that misbehave (kmodtest): every errno
# it gives of itself, order, limits, deaths on either side, unloading.

# ---- the kernel's own ip_tables is there -----------------------------------
modprobe iptable_filter
mark
check "beside the kernel's ip_tables it does not load" sh -c '! modprobe xtbpf'
check "and the log says what to do" log 'own ip_tables or ip6_tables is loaded: rmmod'
rmmod iptable_filter ip_tables
modprobe ip6_tables
check "the same for ip6_tables" sh -c '! modprobe xtbpf'
rmmod ip6_tables
check "without them it loads" modprobe xtbpf
is "the device is root's" "$(stat -c '%a %u' /dev/xtbpf)" "600 0"
is "the names files are as the kernel's" "$(stat -c '%a %u %s' /proc/net/ip_tables_names)" "440 0 0"

# ---- no helper --------------------------------------------------------------
mark
is "no helper, get" "$(kmodtest call 4 get 64 84)" ENOPROTOOPT
is "no helper, set" "$(kmodtest call 6 set 64 200)" ENOPROTOOPT
check "the log says what to do" log 'no xtbpfd is running: systemctl start xtbpfd'
is "iptables says who?" "$(iptables-legacy -S 2>&1 | grep -c 'iptables who')" 1

# ---- what reaches the helper -------------------------------------------------
helper() { # MANNER...: start one, wait until it serves
	kmodtest helper "$@" >/tmp/helper 2>&1 &
	pid=$!
	wait_for 5 grep -q ready /tmp/helper
}
stop() {
	kill -KILL $pid
	wait $pid 2>/dev/null
}

helper err=95
is "the helper's errno is the client's" "$(kmodtest call 4 get 64 84)" EOPNOTSUPP
has "its request" /tmp/helper '^v1 inet get opt 64 len 84 size 40 uid 0 host 1 name filter comm kmodtest$'
is "IPv6 get" "$(kmodtest call 6 get 65 4000)" EOPNOTSUPP
has "its request" /tmp/helper '^v1 inet6 get opt 65 len 4000 size 40'
for opt in 64 65 66 67; do
	is "IPv4 get $opt is taken" "$(kmodtest call 4 get $opt 30)" EOPNOTSUPP
done
for opt in 64 65 68 69; do
	is "IPv6 get $opt is taken" "$(kmodtest call 6 get $opt 30)" EOPNOTSUPP
done
is "IPv6 get 66 is IPV6_RECVTCLASS" "$(kmodtest call 6 get 66 4)" OK
is "IPv6 get 67 is IPV6_TCLASS" "$(kmodtest call 6 get 67 4)" OK
is "IPv4 get 68 is nobody's" "$(kmodtest call 4 get 68 4)" ENOPROTOOPT
is "IPv4 set 66 is nobody's" "$(kmodtest call 4 set 66 40)" ENOPROTOOPT
is "IPv6 set 66 is IPV6_RECVTCLASS" "$(kmodtest call 6 set 66 4)" OK
is "a short head is not read" "$(kmodtest call 4 set 64 90)" EOPNOTSUPP
has "but passed on" /tmp/helper 'set opt 64 len 90 size 0 '
is "a replace without entries" "$(kmodtest call 4 set 64 96)" EOPNOTSUPP
has "has its head read" /tmp/helper 'set opt 64 len 96 size 96 '
is "bytes behind the blob" "$(kmodtest call 4 set 64 5000)" EOPNOTSUPP
has "are not read" /tmp/helper 'set opt 64 len 5000 size 96 '
is "a buffer that ends early" "$(kmodtest call 4 set 64 200 edge)" EOPNOTSUPP
has "is passed on as far as it goes" /tmp/helper 'set opt 64 len 200 size 16 '
is "the same for a get" "$(kmodtest call 4 get 65 400 edge)" EOPNOTSUPP
has "as far as it goes" /tmp/helper 'get opt 65 len 400 size 16 '
# 6.12 refuses it before any module sees it; 6.1 passes it on, as a huge one
kmodtest call 4 get 64 -5 >/tmp/call
check "a negative length" sh -c "grep -q EINVAL /tmp/call || grep -q 'get opt 64 len -5 ' /tmp/helper"
mark
is "32-bit callers, get" "$(kmodtest call 4 get 64 84 i386)" ENOPROTOOPT
is "32-bit callers, set" "$(kmodtest call 4 set 64 96 i386)" ENOPROTOOPT
check "are told so" log '32-bit iptables is not served'
is "nobody may not" "$(setpriv --reuid 65534 --clear-groups --inh-caps -all --bounding-set -all kmodtest call 4 get 64 84)" EPERM
is "second helper" "$(kmodtest helper)" EBUSY
check "no unloading under a helper" sh -c '! rmmod xtbpf'
stop

helper size=84
is "an answer is copied out" "$(kmodtest call 4 get 64 84)" OK
is "into what is mapped" "$(kmodtest call 4 get 64 84 edge)" EFAULT
is "a longer answer than asked for" "$(timeout 2 kmodtest call 4 get 64 83)" ""
has "is refused" /tmp/helper 'reply EMSGSIZE'
stop
is "a wrong version is refused" "$(kmodtest helper version=99)" EPROTO

# ---- time, death, kill --------------------------------------------------------
helper hold
echo 1 >/sys/module/xtbpf/parameters/timeout
mark
start=$(date +%s)
is "a helper that does not answer" "$(kmodtest call 4 get 64 84)" ETIMEDOUT
[ $(($(date +%s) - start)) -le 3 ]
result $? "is given the time that was set"
check "the log says so" log 'no answer from xtbpfd in 1 s'
# that call is still out: the namespace's next one waits behind it
is "order: the next call is not handed out" "$(kmodtest call 4 get 65 44)" ETIMEDOUT
is "one request was seen" "$(grep -c '^v1' /tmp/helper)" 1
ip netns add other
is "another namespace's call" "$(ip netns exec other kmodtest call 4 get 64 84)" ETIMEDOUT
is "is handed out beside it" "$(grep -c '^v1' /tmp/helper)" 2
stop
echo 0 >/sys/module/xtbpf/parameters/timeout

helper hold
kmodtest call 4 get 64 84 >/tmp/call &
call=$!
has "a call is out" /tmp/helper '^v1'
kill -USR1 $call 2>/dev/null
wait $call 2>/dev/null
check "a signal that kills ends it" sh -c "! kill -0 $call"
stop
helper hold
(
	trap '' TERM
	exec kmodtest call 4 get 64 84
) >/tmp/call &
call=$!
has "a call is out" /tmp/helper '^v1'
kill -TERM $call
sleep 0.3
check "one that does not kill leaves it waiting" kill -0 $call
kill -KILL $call
wait $call 2>/dev/null
check "until SIGKILL" sh -c "! kill -0 $call"
kmodtest call 4 get 64 84 >/tmp/call &
call=$!
ip netns exec other kmodtest call 4 get 64 84 >/tmp/call2 &
call2=$!
sleep 0.5
mark
check "no unloading under a call" sh -c '! rmmod xtbpf'
stop
wait $call $call2
is "the helper dies: a call it had not seen" "$(cat /tmp/call)" ENOPROTOOPT
is "and one it had" "$(cat /tmp/call2)" ECONNRESET
check "the log says how many it had" log 'went away while serving 1 call'

helper hold child
kmodtest call 4 get 64 84 >/tmp/call &
call=$!
has "a call is out" /tmp/helper '^v1'
start=$(date +%s)
stop
wait $call
[ $(($(date +%s) - start)) -le 5 ]
result $? "a child that inherited the device keeps nobody waiting"
helper
is "nor the next helper" "$(kmodtest call 4 get 64 84)" OK
stop

kmodtest helper mute >/tmp/helper &
pid=$!
wait_for 5 grep -q ready /tmp/helper
echo 1 >/sys/module/xtbpf/parameters/timeout
is "a helper that is still restoring" "$(kmodtest call 4 get 64 84)" ETIMEDOUT
is "gets no requests" "$(grep -c '^v1' /tmp/helper)" 0
stop
echo 0 >/sys/module/xtbpf/parameters/timeout

# ---- namespaces ----------------------------------------------------------------
helper delay=10
is "a user namespace's own namespace" "$(unshare -Urn kmodtest call 4 get 64 84)" OK
has "is told from the host's" /tmp/helper ' uid 0 host 0 '
is "a user namespace does not reach the host's" "$(unshare -Ur kmodtest call 4 get 64 84)" EPERM
for i in $(seq 20); do
	unshare -n kmodtest call 6 get 64 84
done | sort | uniq -c >/tmp/out
is "20 namespaces come and go" "$(awk '{ print $1, $2 }' /tmp/out)" "20 OK"
stop

helper hold
unshare -n kmodtest call 4 get 64 84 >/tmp/call &
call=$!
has "a call from a namespace of its own is out" /tmp/helper '^v1'
pkill -KILL -P $call 2>/dev/null
kill -KILL $call
wait $call 2>/dev/null
stop
is "its namespace is gone with helper and client dead" "$(lsns -t net 2>/dev/null | grep -c kmodtest)" 0

# ---- limits ------------------------------------------------------------------------
helper hold
unshare -Urn kmodtest flood 200 >/tmp/flood &
flood=$!
sleep 3
is "the host is served during a flood" "$(kmodtest call 4 get 64 84 & sleep 1; grep -c 'host 1' /tmp/helper; kill $! 2>/dev/null)" 1
stop
wait $flood
is "a flood: all but 64 are refused" "$(grep ENOBUFS /tmp/flood)" "136 ENOBUFS"
is "the rest was waiting" "$(awk '$2 != "ENOBUFS" { n += $1 } END { print n }' /tmp/flood)" 64
is "a call beyond max_mib" "$(echo 0 >/sys/module/xtbpf/parameters/max_mib; helper; kmodtest call 4 set 64 96)" ENOMEM
killall -KILL kmodtest 2>/dev/null
echo 128 >/sys/module/xtbpf/parameters/max_mib

# ---- unload, closed -------------------------------------------------------------------
sleep 0.5
check "unload" rmmod xtbpf
is "its files are gone" "$(ls /proc/net/ip_tables_names /dev/xtbpf 2>/dev/null)" ""
modprobe xtbpf
check "load again" test -e /dev/xtbpf
rmmod xtbpf

ip link add v0 type veth peer name v1 netns other
ip addr add 10.7.0.1/24 dev v0
ip link set v0 up
ip -n other addr add 10.7.0.2/24 dev v1
ip -n other link set v1 up
wait_for 5 ping -c 1 -W 1 10.7.0.2
check "traffic" ping -c 1 -W 2 10.7.0.2
mark
modprobe xtbpf closed=1
check "closed=1: the log says so" log 'closed: no packets but'
check "closed=1: none passes" sh -c '! ping -c 1 -W 1 10.7.0.2'
check "but loopback's" ping -c 1 -W 2 127.0.0.1
helper
check "a helper that said HELLO opens it" ping -c 1 -W 2 10.7.0.2
stop
check "for good" ping -c 1 -W 2 10.7.0.2
rmmod xtbpf

# ---- modprobe.d ------------------------------------------------------------------------
cp /test/modprobe.conf /etc/modprobe.d/xtbpf.conf
for name in ip_tables ip6_tables iptable_filter iptable_nat ip6table_mangle; do
	modprobe $name
	is "modprobe.d: $name loads xtbpf alone" "$(lsmod | awk 'NR > 1 && /^(xtbpf|ip6?_tables|ip6?table_)/ { print $1 }')" xtbpf
	rmmod xtbpf
done
iptables-legacy -S >/tmp/out 2>&1
is "iptables itself loads xtbpf" "$(lsmod | awk '/^(xtbpf|ip_tables)/ { print $1 }')" xtbpf
rmmod xtbpf
