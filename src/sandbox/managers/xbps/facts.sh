#!/bin/sh
# Prints what installed packages need and their licences: `N NAME`, then `D` needs, `L` licence and `M` maintainer.
#
# $1 and on: names of packages

for name in "$@"; do
  printf 'N %s\n' "$name"
  xbps-query -p run_depends "$name" | sed 's/^/D /'
  printf 'L %s\n' "$(xbps-query -p license "$name")"
  printf 'M %s\n' "$(xbps-query -p maintainer "$name")"
done 2>/dev/null
