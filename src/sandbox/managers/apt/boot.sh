#!/bin/sh
# Brings an init where there is none, lets it become PID 1, and waits until it has booted: "$@" are options of apt-get.
#
# Services of packages start from here on, as on a host: what keeps them from it in a base is gone. The mark on the
# last line is for whoever waits; a boot of which units failed is one, and they are named.

set -e
if [ ! -x /sbin/init ] || [ ! -e /lib/systemd/systemd ] || ! command -v dbus-daemon >/dev/null; then
  apt-get "$@" install -y --no-install-recommends systemd-sysv dbus
fi
rm -f /usr/sbin/policy-rc.d
# the name by which Podman knew the first program (provision/boot.py)
if [ "$(readlink /usr/local/sbin/init)" = /bin/sh ]; then rm /usr/local/sbin/init; fi
kill -USR1 1
count=0
until state=$(systemctl is-system-running 2>/dev/null) || [ "$state" = degraded ]; do
  count=$((count + 1))
  if [ "$count" -gt 300 ]; then
    echo "systemd did not finish its boot within 60 s: ${state:-no answer}" >&2
    systemctl list-jobs --no-pager >&2 || :
    exit 1
  fi
  sleep 0.2
done
echo "systemd has booted: $state"
systemctl list-units --failed --no-legend --plain --no-pager
