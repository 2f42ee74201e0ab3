#!/bin/sh
# Prints the names of the commands of rocks, by luarocks' own indexes.

for index in /usr/local/lib/luarocks/rocks-*/manifest /root/.luarocks/lib/luarocks/rocks-*/manifest; do
  if [ -f "$index" ]; then
    sed -n '/^commands = {$/,/^}$/s/^   \(\["\)\{0,1\}\([^]"= ]*\)\("\]\)\{0,1\} = {$/\2/p' "$index"
  fi
done
