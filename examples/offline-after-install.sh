#!/bin/sh
# Does it phone home? With --network offline the packages are fetched, then the network is cut before anything of
# theirs is used; with none there never is one.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

sandbox try hello --distro debian --network offline --quiet -- sh -c '
    hello
    if grep -q eth0 /proc/net/dev; then echo online; else echo offline; fi
' >out
cat out

sandbox try --distro debian --network none --quiet -- ls /sys/class/net >interfaces
cat interfaces

grep -qx 'Hello, world!' out
grep -qx offline out
[ "$(cat interfaces)" = lo ]
echo "proven: the package came over the network, and then there was none"
