#!/bin/sh
# Prints the packages that are here for another architecture alone: dnf 4, dnf 5 and zypper have nothing to do for NAME
# where NAME of any architecture is installed. @ISOWN@ tells by its status whether it is of the machine's own.
#
# $1 and on: names

for name; do
    name=${name%%=*}
    found=$(rpm -q --qf '%{ARCH}\n' "$name") || continue
    printf '%s\n' "$found" | @ISOWN@ || say "$name"
done
