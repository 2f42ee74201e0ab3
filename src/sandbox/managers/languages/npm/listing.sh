#!/bin/sh
# Prints each of npm's packages: its folder with its size (du -sk), then its own description on one line. Nothing where
# nothing is installed.

for home in /usr/local/lib/node_modules/* /usr/local/lib/node_modules/@*/* /usr/lib/node_modules/* \
    /usr/lib/node_modules/@*/*; do
  if [ -f "$home/package.json" ] && [ ! -L "$home" ]; then
    du -sk "$home" 2>/dev/null
    tr -d '\000-\037' <"$home/package.json"
    echo
  fi
done
