#!/bin/sh
# Accepts what another machine accepted.
#
# $1 and on: `FILE LINE`, with a file below /etc/portage

cd /etc/portage || exit
for line; do
    file=${line%% *} wanted=${line#* }
    if [ ! -e "$file" ]; then mkdir "$file" || exit; fi
    if [ -d "$file" ]; then file=$file/sandbox-promote; fi
    grep -qsxF -e "$wanted" "$file" || printf '%s\n' "$wanted" >>"$file" || exit
done
