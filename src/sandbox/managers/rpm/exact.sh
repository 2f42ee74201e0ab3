#!/bin/sh
# Makes of each of "$@" that is here of several architectures the one of the machine's own: a manager takes NAME for all
# of them. @OWN@ prints the pattern of that architecture.
#
# $1 and on: names, of which "$@" has the exact ones for what stands behind this

own=$(@OWN@)
for name; do
    shift
    found=$(rpm -q --whatprovides --qf '%{NAME}.%{ARCH}\n' "$name") || found=
    mine=$(printf '%s\n' "$found" | grep -E "\.(noarch|$own)\$" | LC_ALL=C sort -u)
    if [ -z "$mine" ] || [ "$mine" = "$(printf '%s\n' "$found" | LC_ALL=C sort -u)" ]; then mine=$name; fi
    for one in $mine; do set -- "$@" "$one"; done
done
