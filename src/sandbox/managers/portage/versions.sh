#!/bin/sh
# Prints `TREE/CATEGORY/NAME/NAME-VERSION.ebuild` of a package, then the lines that describe it.
#
# $1: the package, with or without a category

cd /var/db/repos || exit 0
case $1 in */*) set -- */"$1" ;; *) set -- */*/"$1" ;; esac
for folder do
    for file in "$folder"/*.ebuild; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
    grep -s '^DESCRIPTION=' "$folder"/*.ebuild /dev/null
done
exit 0
