#!/bin/sh
# Has dnf, yum, tdnf and zypper install manual pages, which an image's settings leave out.

for file in /etc/dnf/dnf.conf /etc/yum.conf /etc/tdnf/tdnf.conf /etc/dnf/libdnf5.conf.d/*.conf \
    /usr/share/dnf5/libdnf.conf.d/*.conf; do
    [ -f "$file" ] && sed -i 's/^\(tsflags *=.*\)nodocs/\1/' "$file"
done
for file in /etc/rpm/macros /etc/rpm/macros.* /usr/lib/rpm/macros.d/*; do
    [ -f "$file" ] && sed -i '/^%_excludedocs/d' "$file"
done
[ -f /etc/zypp/zypp.conf ] && sed -i 's/^\(rpm.install.excludedocs *=\).*/\1 no/' /etc/zypp/zypp.conf
:
