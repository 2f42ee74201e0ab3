#!/bin/sh
# Runs a command, and where it ends with 0, a look behind it. Its exit status is the command's.
#
# $1: the look, text for sh
# then the command
# All that the command says goes to standard output. The look goes to standard error, with `looked` behind a NUL as its
# end; what sh itself says of a command that was killed stands there, too, and not behind the command's own words.

look=$1
shift
(exec "$@" 2>&1) || exit
eval "$look" </dev/null >&2 && printf '\0looked' >&2
exit 0
