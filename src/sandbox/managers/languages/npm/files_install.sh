#!/bin/sh
# Installs the files that npm_files.js left at the places where a global install has them: the rest of a tree below the
# package that was asked for. The packages' own scripts run then.
#
# $1: the folder with the files, which goes

set -e; umask 022
folder=$1 top=/usr/local/lib/node_modules
while read -r root place _ sum; do
  case $place in node_modules/"$root") home=$top/$root ;; *) home=$top/$root/$place ;; esac
  mkdir -p "$home"
  gzip -dc "$folder/$sum.tgz" | tar -xof - -C "$home" --strip-components=1
  chmod -R u=rwX,go=rX "$home"
done <"$folder/tree.txt"
npm rebuild --global --prefix /usr/local
rm -rf "$folder"; rmdir "${folder%/*}" 2>/dev/null || :
