#!/bin/sh
# Waits until something listens on a port.
#
# $1: what its line in /proc/net/tcp has (proc(5)), in any case
# $2: the seconds that it may take
# Exit status: 1 where nothing listens by then.

until cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qi "$1"; do
  [ "$2" -gt 0 ] || exit 1
  shift_by=$(($2 - 1)); set -- "$1" "$shift_by"; sleep 1
done
