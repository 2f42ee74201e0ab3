#!/bin/sh
# Becomes an installer at the terminal of the user.
#
# $1: its folder; the rest is its command
# SIGHUP is ignored: this terminal ends with it, and would end what it leaves running.

trap '' HUP
cd "$1" || exit 126
shift
exec "$@"
