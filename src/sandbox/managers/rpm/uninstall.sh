#!/bin/sh
# Takes packages off by @REMOVE@, a program and its options, which would take what needs the packages too; rpm's own test
# tells of such. Stands behind exact.sh.
#
# $1 and on: names

all=
for name; do
    found=$(rpm -q --whatprovides --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' "$name") ||
        found=$(rpm -q --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n' "$name") || found=
    all="$all $found"
done
(
    set --
    for one in $all; do set -- "$@" "$one"; done
    [ $# = 0 ] || rpm -e --test "$@"
) || exit
exec @REMOVE@ "$@"
