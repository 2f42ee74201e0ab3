#!/bin/sh
# Runs the command that fetches the index, with dpkg's architectures as options behind it; needs architectures.sh.
#
# All arguments: the command
# apt has dpkg name them at each start, and so has each apt-config that apt-key runs for a signature: 16 times in an
# update of Debian 12, which take 0.07 of its 0.66 s of a processor.

names=$(architectures)
set -f
for name in $names; do set -- "$@" -o "APT::Architectures::=$name"; done
exec "$@"
