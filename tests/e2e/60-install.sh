#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# make install into a directory, what is there, and make uninstall.
. "$(dirname "$0")/../lib/tap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
plan 6
files() {
	find "$dir" -type f
}
run_make() {
	make -s -C "$top" PREFIX=/usr DESTDIR="$dir" "$1"
}
unit() {
	grep -qx 'ExecStart=/usr/sbin/xtbpfd' "$dir/usr/lib/systemd/system/xtbpfd.service"
}
source_is_whole() { # the headers that the module's files ask for are with them
	set -- "$dir"/usr/src/xtbpf-*
	[ -f "$1/dkms.conf" ] && [ -f "$1/kmod/Kbuild" ] && [ -f "$1/include/xtbpf/wire.h" ] &&
		! grep -q @ "$1/dkms.conf" &&
		for o in $(sed -n 's/^xtbpf-y := //p' "$1/kmod/Kbuild"); do [ -f "$1/kmod/${o%.o}.c" ] || return 1; done
}
nothing_left() {
	[ -z "$(files)" ] || { files; false; }
}
t "make install" run_make install
t "the commands run" "$dir/usr/sbin/xtbpf" --help
t "the unit starts what was installed" unit
t "the module's source is whole" source_is_whole
t "make uninstall" run_make uninstall
t "leaves nothing" nothing_left
exit $failed
