#!/bin/sh
# Prints the contents (CONTENTS, PMS chapter 13) of installed packages in all their slots.
#
# $1 and on: names, with or without a category

cd /var/db/pkg || exit 0
for name do
    case $name in */*) set -- "$name"-[0-9]* ;; *) set -- */"$name"-[0-9]* ;; esac
    for folder do
        case ${folder##*/"${name#*/}"-} in *-[!r]* | *-r*[!0-9]*) continue ;; esac
        [ ! -f "$folder/CONTENTS" ] || cat "$folder/CONTENTS"
    done
done
