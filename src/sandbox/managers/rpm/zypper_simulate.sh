#!/bin/sh
# Prints what a command would do, then what is known of each package of it.
#
# $1 and on: the command that only shows
# Exit status: that of the command where it fails.

plan=$("$@") || exit
printf '%s\n' "$plan"
set -f
names=$(printf '%s\n' "$plan" | sed -n 's/^<solvable type="package" name="\([^"&]*\)".*/\1/p')
set --
for name in $names; do set -- "$@" "$name"; done
[ $# = 0 ] || zypper --non-interactive --quiet --no-refresh info "$@" 2>/dev/null
exit 0
