#!/bin/sh
# Prints what installed packages need and their licences: `N NAME`, then `D` needs, `R` recommends, `P` provides, `L`
# licence, `T` the time of its build, an epoch, `I` its priority.
#
# $1 and on: names of packages

HEAD='/[^ ]/,$!d; /^ *$/q; s/^Format: *//Ip; s/^Format-Specification:/&/Ip'
dpkg-query -W -f 'N ${Package}\nI ${Priority}\nD ${Pre-Depends}\nD ${Depends}\nR ${Recommends}\nP ${Provides}\n' "$@" 2>/dev/null
for name in "$@"; do
  file=/usr/share/doc/$name/copyright
  printf 'N %s\n' "$name"
  if [ -f "$file" ] && [ -n "$(sed -n "$HEAD" "$file")" ]; then
    sed -n 's/^License: */L /Ip' "$file"
  fi
  for file in "/var/lib/dpkg/info/$name".md5sums "/var/lib/dpkg/info/$name":*.md5sums; do
    if [ -f "$file" ]; then printf 'T %s\n' "$(date -r "$file" +%s)"; break; fi
  done
done
