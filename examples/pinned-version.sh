#!/bin/sh
# A pinned version is installed as it is, and one that the distro does not have is refused by name.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

sandbox try hello=2.10-3 --distro debian:bookworm --quiet -- dpkg-query -W hello | tee installed

status=0
sandbox try hello=0.0-1 --distro debian:bookworm --quiet </dev/null 2>refused || status=$?
cat refused
echo "status $status"

[ "$(cut -f 2 installed)" = 2.10-3 ]
grep -q 'has no version 0.0-1 of hello' refused
[ "$status" = 4 ]
echo "proven: what was pinned is what came, and what is not there is refused"
