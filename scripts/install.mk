# SPDX-License-Identifier: GPL-2.0-only
# make install [PREFIX=/usr/local] [DESTDIR=]: commands, unit, manual pages, and the
# module's source for dkms. With DESTDIR (packaging) files are only put in place;
# without it the module is also built for the running kernel, where dkms is there.
PREFIX ?= /usr/local
VERSION := $(shell sed -n 's/.*XTBPF_VERSION "\(.*\)"/\1/p' umh/control.h)
SBINDIR := $(DESTDIR)$(PREFIX)/sbin
UNITDIR := $(DESTDIR)$(PREFIX)/lib/systemd/system
MODPROBEDIR := $(DESTDIR)$(PREFIX)/lib/modprobe.d
MAN8DIR := $(DESTDIR)$(PREFIX)/share/man/man8
COMPDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
DKMSDIR := $(DESTDIR)/usr/src/xtbpf-$(VERSION)

install: all
	install -D -m 755 -t $(SBINDIR) $(B)/bin/xtbpf $(B)/bin/xtbpfd
	install -D -m 644 -t $(MAN8DIR) umh/man/xtbpf.8 umh/man/xtbpfd.8
	install -D -m 644 umh/completion/xtbpf.bash $(COMPDIR)/xtbpf
	install -D -m 644 umh/systemd/xtbpfd.service $(UNITDIR)/xtbpfd.service
	sed -i 's,/usr/sbin/xtbpfd,$(PREFIX)/sbin/xtbpfd,' $(UNITDIR)/xtbpfd.service
	install -D -m 644 kmod/modprobe.conf $(MODPROBEDIR)/xtbpf.conf
	install -D -m 644 -t $(DKMSDIR)/kmod $(wildcard kmod/*.[ch]) kmod/Kbuild kmod/Makefile
	install -D -m 644 include/xtbpf/wire.h $(DKMSDIR)/include/xtbpf/wire.h
	sed 's,@VERSION@,$(VERSION),' kmod/dkms.conf >$(DKMSDIR)/dkms.conf
	DESTDIR='$(DESTDIR)' sh scripts/module-install.sh add $(VERSION) $(MODPROBEDIR)/xtbpf.conf

# The rules in force are not touched: they stay until the next boot.
uninstall:
	DESTDIR='$(DESTDIR)' sh scripts/module-install.sh remove $(VERSION) $(MODPROBEDIR)/xtbpf.conf
	rm -f $(SBINDIR)/xtbpf $(SBINDIR)/xtbpfd $(MAN8DIR)/xtbpf.8 $(MAN8DIR)/xtbpfd.8 \
		$(COMPDIR)/xtbpf $(UNITDIR)/xtbpfd.service $(MODPROBEDIR)/xtbpf.conf
	rm -rf $(DKMSDIR)
