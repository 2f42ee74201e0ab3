#!/bin/sh
# Prints the commands of packages, `NAME<TAB>COMMAND` a line; of an archive only its list of files is fetched.
#
# $1 and on: names of packages

for name; do
  timeout 8 xbps-query -R -f "$name" 2>/dev/null |
    sed -n 's#^/\(usr/\)\{0,1\}s\{0,1\}bin/\([^/ ][^/ ]*\).*#\2#p' |
    while read -r found; do printf '%s\t%s\n' "$name" "$found"; done
done
exit 0
