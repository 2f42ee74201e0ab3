#!/bin/sh
# Prints what a proof compares beside packages, a kind and a value a line.
#
# `settings` and the name of a removed package whose settings are there, `link` and a link that starts something at
# boot, `user` and its name, `file` and its path. The links of System V are no such links: they go with the init script,
# which
# is a setting that a removal leaves.

{
@LEFTOVERS@
} | sed 's/^/settings /'
for path in /etc/systemd/*/* /etc/systemd/*/*/* /etc/runlevels/*/* /etc/runit/*/*/* /var/service/*; do
    [ ! -h "$path" ] || echo "link $path"
done
sed 's/^/user /; s/:.*//' /etc/passwd
if command -v find >/dev/null; then
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root \) -prune -o \
        ! -type d -print | sed 's/^/file /'
fi
