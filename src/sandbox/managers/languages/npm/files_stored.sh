#!/bin/sh
# $1: the folder in which npm_files.js left files
# Prints the SHA-512, the size in bytes and the path of each, then `at` and the lines of tree.txt.

for file in "$1"/*.tgz; do
  if [ -f "$file" ]; then sum=$(sha512sum <"$file") && size=$(wc -c <"$file") && echo "${sum%% *} $((size)) $file"; fi
done
if [ -f "$1/tree.txt" ]; then sed 's/^/at /' "$1/tree.txt"; fi
