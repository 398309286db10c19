# SPDX-License-Identifier: GPL-2.0-only
# Unmodified iptables through the module and the real helper: the same results and
# the same bytes as from the kernel's own ip_tables, recorded first in this guest.

echo 0 >/proc/sys/kernel/randomize_va_space # the blobs carry addresses of the client

# ---- the kernel's answers ----------------------------------------------------
kernel_on
unshare -n sh -c '. /test/functions.sh; clients' >/tmp/kernel.clients 2>&1
unshare -n sh -c '. /test/functions.sh; calls' >/tmp/kernel.calls 2>&1
check "the kernel's answers are there" sh -c '[ $(grep -c "^= 0" /tmp/kernel.clients) -ge 30 ]'
kernel_off

# ---- ours ---------------------------------------------------------------------
ours_on

unshare -n sh -c '. /test/functions.sh; clients' >/tmp/ours.clients 2>&1
diff -U 2 /tmp/kernel.clients /tmp/ours.clients >/tmp/diff
result $? "clients see what the kernel shows them" /tmp/diff
unshare -n sh -c '. /test/functions.sh; calls' >/tmp/ours.calls 2>&1
diff -U 2 /tmp/kernel.calls /tmp/ours.calls | cut -c 1-300 >/tmp/diff
[ ! -s /tmp/diff ]
result $? "strace sees the same calls with the same results" /tmp/diff
is "what was compared: calls" "$(grep -c sockopt /tmp/ours.calls)" "$(grep -c sockopt /tmp/kernel.calls)"

ours_off
tail -n 5 /tmp/xtbpfd.log | while read -r line; do note "$line"; done
