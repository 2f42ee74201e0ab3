#!/bin/sh
# Becomes a command at a terminal: says which process it is, and goes to its folder first.
#
# $1: the folder; the rest is the command
# SIGHUP is ignored: the terminal of a person stays open behind an installer, and ours ends with it, which would end
# what it leaves running.

trap '' HUP
echo "$$"
cd "$1" || exit 126
shift
exec "$@"
