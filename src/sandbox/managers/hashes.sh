#!/bin/sh
# Prints the checksum (SHA-256), the size in bytes and the path of each file.
#
# $1: patterns of ours, a word each

for file in $1; do
  if [ -f "$file" ]; then
    sum=$(sha256sum <"$file") && size=$(wc -c <"$file") || exit
    echo "${sum%% *} $((size)) $file"
  fi
done
