#!/bin/sh
# Has services started at boot, by what the machine has for it: systemd, OpenRC, System V or runit.
#
# $1 and on: the services, as names of units
# Exit status: 0 where all are; 1 where nothing here starts services.

for service; do
    if command -v systemctl >/dev/null; then systemctl enable "$service"
    elif command -v rc-update >/dev/null; then rc-update add "${service%.service}" default
    elif command -v update-rc.d >/dev/null; then update-rc.d "${service%.service}" enable
    elif [ -d /etc/runit ]; then ln -sf "/etc/sv/$service" /etc/runit/runsvdir/default/
    else echo "nothing here starts services: $service" >&2; fi || exit
done
