#!/bin/sh
# Prints the version that emerge would take of each package, then all that the trees have, as apt-cache prints a policy.
#
# $1 and on: names, CATEGORY/NAME

echo 'index: yes'
for name; do
    printf '%s policy:\n' "$name"
    best=$(portageq best_visible / "$name" 2>/dev/null) || best=
    [ -z "$best" ] || printf '  %s:\n    tree\n' "${best#"$name-"}"
    [ ! -d /var/db/repos ] || for file in /var/db/repos/*/"$name"/*.ebuild; do
        file=${file##*/}
        [ "$file" = '*.ebuild' ] || printf '  %s:\n    tree\n' "$(echo "${file%.ebuild}" | sed "s/^${name#*/}-//")"
    done
done
exit 0
