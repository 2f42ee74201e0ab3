#!/bin/sh
# Prints `+ NAME VERSION BYTES` of what a command would bring, `= NAME VERSION` where the package is there already, then
# the index's record of each.
#
# $1 and on: the command that prints the first
# Exit status: that of the command where it fails.

plan=$("$@") || exit
printf '%s\n' "$plan"
set -f
set --
for name in $(printf '%s\n' "$plan" | sed -n 's/^+ \([^ ]*\) .*/\1/p'); do set -- "$@" "$name"; done
[ $# -gt 0 ] || exit 0
pacman -Q -- "$@" 2>/dev/null | sed 's/^/= /'
LC_ALL=C pacman -Si -- "$@" 2>/dev/null
exit 0
