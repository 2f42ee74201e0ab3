#!/bin/sh
# Becomes a command, once it has said which process it is.
#
# $1: the folder in which it starts, empty for the one that the engine begins in
# then: the command and its arguments
# Prints first, on standard error: a line with its process id, or `-` where there is no such folder to go to.
# Exit status: that of the command; 127 for a command that is not there.

if [ -n "$1" ]; then
  case $1 in /*) folder=$1 ;; *) folder=./$1 ;; esac
  cd "$folder" 2>/dev/null || { echo - >&2; exit 1; }
fi
shift
echo "$$" >&2
command -v "$1" >/dev/null 2>&1 || { echo "sandbox: no command $1 in this distro" >&2; exit 127; }
exec "$@"
