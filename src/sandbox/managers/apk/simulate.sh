#!/bin/sh
# Prints what a command would do, then the index's record of each package of it. Stands behind records.sh.
#
# $1 and on: the command that only shows
# Exit status: that of the command where it fails.

plan=$("$@") || exit
printf '%s\n' "$plan"
set -f
names=$(printf '%s\n' "$plan" | sed -n 's#^([0-9]*/[0-9]*) [A-Z][a-z]* \([^ ]*\) (.*#\1#p')
set --
for name in $names; do set -- "$@" "$name"; done
set +f
[ $# -eq 0 ] || records "$@"
exit 0
