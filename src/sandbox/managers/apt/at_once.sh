#!/bin/sh
# Runs apt-get so that it fetches several files of a host at once, where that works, and without what takes time only.
#
# $1: a folder of ours
# $2: the text of options.sh
# $3: the text of at_once.pl
# then: the command, apt-get first
# SANDBOX_READY: what options.sh has printed, where it has run already
# Exit status: that of the command.

folder=$1 options=$2 method=$3 program=$4
shift 4
found=${SANDBOX_READY-$(sh -c "$options" sh "$folder" "$method")}
unset SANDBOX_READY
set -f
IFS='
'
for word in $found; do set -- "$word" "$@"; done
exec "$program" "$@"
