#!/bin/sh
# Runs a command, and makes a file when it has ended, however it ends.
#
# $1: the file
# then: the command
# Exit status: that of the command.

mark=$1
shift
"$@"
status=$?
: >"$mark"
exit $status
