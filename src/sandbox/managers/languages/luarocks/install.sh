#!/bin/sh
# Installs rocks, one by one, as luarocks takes one at a time. Its errors name neither the rock nor what there is: that
# is added. Certificates are checked, which luarocks tells wget and curl not to do. A file that is no rock's, which it
# would move out of the way for good, is brought back, and the install has failed.
#
# $1 and on: NAME or NAME=VERSION
# Exit status: 1 where another file is there; else that of luarocks.

said=$(mktemp) || exit
trap 'rm -f "$said"' EXIT
rocks() { luarocks --tree=/usr/local "$@" WGETNOCERTFLAG= CURLNOCERTFLAG=; }
for wanted; do
  rock=${wanted%%=*} version=
  case $wanted in *=*) version=${wanted#*=} ;; esac
  rocks install "$rock" ${version:+"$version"} 2>"$said"
  status=$?
  cat "$said" >&2
  moved=$(sed -n 's/^Warning: \(\/[^ ]*\) is not tracked by .*\. Moving it to \(\/[^ ]*\)$/\1 \2/p' "$said")
  if [ "$moved" ]; then
    [ "$status" != 0 ] || luarocks --tree=/usr/local remove --force "$rock" >/dev/null 2>&1
    echo "$moved" | while read -r file backup; do
      mv -f "$backup" "$file"
      echo "luarocks: $file exists already, and is of no rock" >&2
    done
    exit 1
  fi
  [ "$status" = 0 ] && continue
  if grep -q '^Error: No results matching query' "$said"; then
    rocks search --porcelain --all 2>/dev/null | awk -v rock="$rock" '
      function say() {
        if (versions) print "luarocks: there is no such version of " rock ", but:" versions
        else print "luarocks: there is no " rock ", but:" names
      }
      $3 == "installed" || seen[$1 " " $2]++ { next }
      $1 == rock { versions = versions " " $2 }
      substr($1, 1, 1) == substr(rock, 1, 1) && !named[$1]++ { names = names " " $1 } END { say() }' >&2
  else
    echo "luarocks: $rock was not installed" >&2
  fi
  exit "$status"
done
