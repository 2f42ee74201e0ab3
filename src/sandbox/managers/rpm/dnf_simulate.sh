#!/bin/sh
# Prints the table of what a command would do, then the rows of the packages named there.
#
# $1: the format of a row (dnf repoquery --qf)
# then: the command that only shows
# Exit status: 0 where there is a table, whatever status its "no" has; else that of the command.

format=$1
shift
plan=$("$@")
status=$?
printf '%s\n' "$plan"
case $plan in *'Transaction Summary'*) ;; *) exit $status ;; esac
set -f
set --
for name in $(printf '%s\n' "$plan" | sed -n 's/^ \([^ ][^ ]*\).*/\1/p'); do set -- "$@" "$name"; done
dnf -q -C repoquery --qf "$format" "$@" 2>/dev/null
exit 0
