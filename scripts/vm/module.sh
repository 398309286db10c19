#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# module.sh 6.1|6.12 [make arguments]: build xtbpf.ko against a fetched kernel's
# headers, in build/vm/VERSION/kmod (the sources are copied: kbuild writes beside
# them). Without module BTF, which would need pahole and vmlinux.
set -eu
cd "$(dirname "$0")/../.."
version=$1
shift
top=$PWD/build/vm/$version
release=$(cat "$top/release")
rm -rf "$top/kmod" "$top/include"
mkdir -p "$top/kmod" "$top/include/xtbpf"
cp kmod/*.[ch] kmod/Kbuild kmod/Makefile "$top/kmod/"
cp include/xtbpf/wire.h "$top/include/xtbpf/"
make -s -C "$top/kmod" KDIR="$top/root/lib/modules/$release/build" CONFIG_DEBUG_INFO_BTF_MODULES= "$@" modules
