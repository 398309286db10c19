# SPDX-License-Identifier: GPL-2.0-only
# The module and its tests in virtual machines (software emulation, no root needed).
# XTBPF_VM_KERNELS="6.1 6.12": which of Debian's kernels.
VM_KERNELS := $(or $(XTBPF_VM_KERNELS),6.1 6.12)
VM_TESTS := $(notdir $(wildcard tests/vm/[0-9]*.sh))

.PHONY: vm test-vm test-vm-long module
# xtbpf.ko for the running kernel
module:
	$(MAKE) -C kmod

vm: all
	sh scripts/vm/deps.sh
	XTBPF_VM_KERNELS="$(VM_KERNELS)" sh scripts/vm/build.sh

test-vm: vm
	prove --timer --comments -j 2 --exec 'sh scripts/vm/boot.sh' \
		$(foreach t,$(VM_TESTS),$(foreach k,$(VM_KERNELS),build/vm/$(k)/tests/$(t)))

# The same with the full numbers of calls and rules.
test-vm-long: vm
	XTBPF_VM_APPEND=xtbpf.long XTBPF_VM_CEILING=3600 \
	prove --timer --comments -j 2 --exec 'sh scripts/vm/boot.sh' \
		$(foreach t,$(VM_TESTS),$(foreach k,$(VM_KERNELS),build/vm/$(k)/tests/$(t)))
