#!/bin/sh
# Prints the commands of packages, `NAME<TAB>COMMAND` a line, where the list of files is here; fetches nothing.
#
# $1 and on: names of packages

for name in "$@"; do
    dnf -q -C repoquery -l "$name" 2>/dev/null | while read -r path; do
        case $path in
            /usr/bin/*/* | /usr/sbin/*/*) ;;
            /usr/bin/* | /usr/sbin/* | /bin/* | /sbin/* | /usr/games/*) printf '%s\t%s\n' "$name" "${path##*/}" ;;
        esac
    done
done
exit 0
