# SPDX-License-Identifier: GPL-2.0-only
# xtbpf. The two commands to know: "sudo make run" and "sudo make test".

ifeq ($(SAN),1)
B := build/san
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
B := build
SANFLAGS :=
endif

JOBS := $(shell nproc)
CC := gcc
CLANG := clang-14
STRIP := llvm-strip-14
PKGS := libbpf libelf json-c libsystemd libcap-ng libseccomp libmnl xtables
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter
CPPFLAGS := -Iinclude -D_GNU_SOURCE
CFLAGS := -std=gnu11 -O2 -g $(WARN) $(SANFLAGS) $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Wno-missing-declarations -D__bpf__ -Iinclude -Itranslator/bpf \
	-I/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

# translator: pure, no libraries but libelf and libbpf (its BTF writer)
TR_SRC := $(wildcard translator/*.c translator/match/*.c translator/target/*.c translator/emit/*.c)
BPF_SRC := $(wildcard translator/bpf/*.bpf.c)
# umh: everything that touches the running kernel
UMH_MAIN := umh/xtbpf.c umh/xtbpfd.c
UMH_SRC := $(filter-out $(UMH_MAIN),$(wildcard umh/*.c umh/*/*.c))
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_LIB := $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))
TOOL_SRC := $(wildcard tests/tools/*.c)
DIFF_LIB := $(wildcard tests/diff/*.c) tests/unit/blobs.c $(wildcard tests/unit/random*.c) tests/unit/replace.c

# "make V=1" shows the commands.
ifeq ($(V),1)
say =
Q :=
else
say = @printf '  %-5s %s\n' $(1) $(2);
Q := @
endif

obj = $(patsubst %,$(B)/obj/%.o,$(basename $(1)))
BPF_OBJ := $(patsubst translator/bpf/%.bpf.c,$(B)/bpf/%.bpf.o,$(BPF_SRC))
BPF_BIN := $(patsubst $(B)/bpf/%.bpf.o,$(B)/bpf/%.bin.o,$(BPF_OBJ))
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
TOOL_BIN := $(patsubst tests/tools/%.c,$(B)/tests/tools/%,$(TOOL_SRC))

.SECONDARY:
.PHONY: all deps check run test test-long clean help install uninstall lint tests
all: $(B)/bin/xtbpf $(B)/bin/xtbpfd

help:
	@echo "make            build $(B)/bin/xtbpf and xtbpfd"
	@echo "make deps       install from apt what is missing (root)"
	@echo "make run        deps, build, and show the main job (root; RULES=FILE for a ruleset of yours)"
	@echo "make test       everything CI runs (root)"
	@echo "make check      the tests that need no root"
	@echo "make test-long  the long tests: the whole corpus (root; CORPUS=DIR)"
	@echo "make lint       house rules and formatting"
	@echo "make test-vm    the module and unmodified iptables in qemu, on Debian's 6.1 and 6.12 (root once, to install)"
	@echo "make install    commands, unit, module source for dkms (root; PREFIX=, DESTDIR=); make uninstall"

-include $(shell find $(B)/obj -name "*.d" 2>/dev/null)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bpf/%.bpf.o: translator/bpf/%.bpf.c $(wildcard translator/bpf/*.h)
	@mkdir -p $(@D)
	$(call say,BPF,$@)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<
	$(Q)$(STRIP) -g $@

# The runtime objects travel inside the library (translator/runtime.c lists them).
$(B)/bpf/%.bin.o: $(B)/bpf/%.bpf.o
	$(Q)cd $(@D) && ld -r -z noexecstack -b binary -o $(@F) $(<F)

$(B)/libxtbpf.a: $(call obj,$(TR_SRC)) $(BPF_BIN)
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^

$(B)/libumh.a: $(call obj,$(UMH_SRC))
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^

$(B)/bin/%: $(B)/obj/umh/%.o $(B)/libumh.a $(B)/libxtbpf.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

# unit tests see the insides of both rooms
$(B)/obj/tests/%.o: CPPFLAGS += -I.
$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(call obj,$(UNIT_LIB)) $(B)/libumh.a $(B)/libxtbpf.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(B)/tests/tools/%: $(B)/obj/tests/tools/%.o $(call obj,$(DIFF_LIB)) $(B)/libumh.a $(B)/libxtbpf.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

tests: all $(UNIT_BIN) $(TOOL_BIN)

deps:
	sh scripts/deps.sh

# No root: units under ASan and UBSan, house rules.
check:
	+@$(MAKE) -j$(JOBS) --no-print-directory SAN=1 tests
	sh scripts/prove.sh $(patsubst tests/unit/%.c,build/san/tests/unit/%,$(UNIT_SRC)) tests/lint/*.sh

run: deps
	+@$(MAKE) -j$(JOBS) --no-print-directory all tests
	sh scripts/demo.sh $(RULES)

test: deps
	+@$(MAKE) -j$(JOBS) --no-print-directory tests
	+@$(MAKE) -j$(JOBS) --no-print-directory SAN=1 tests
	sh scripts/prove.sh $(patsubst tests/unit/%.c,build/san/tests/unit/%,$(UNIT_SRC)) tests/lint/*.sh tests/e2e/*.sh

test-long: deps
	+@$(MAKE) -j$(JOBS) --no-print-directory tests
	XTBPF_TEST_CEILING=7200 sh scripts/prove.sh tests/long/*.sh

lint:
	sh scripts/prove.sh tests/lint/*.sh

clean:
	rm -rf build

include scripts/install.mk scripts/vm.mk
