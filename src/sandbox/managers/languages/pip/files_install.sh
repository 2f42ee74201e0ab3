#!/bin/sh
# Installs packages from downloaded files alone, which go.
#
# $1: the program that installs one, text for sh
# $2: the folder with the files
# then: NAME or NAME==VERSION

install=$1 folder=$2; shift 2
for wanted; do
  PIP_NO_INDEX=1 PIP_FIND_LINKS=$folder/${wanted%%=*} sh -c "$install" sh "$wanted" || exit
done
rm -rf "$folder"; rmdir "${folder%/*}" 2>/dev/null || :
