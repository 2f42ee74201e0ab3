#!/bin/sh
# Takes rocks off, then what came with them and no rock that is left needs, in just the version that came: luarocks
# itself refuses to take off what another one needs. And its index, where no rock is left. A file stands in each folder of
# /usr/local meanwhile, since luarocks deletes one that is empty, be it /usr/local/bin.
#
# $1 and on: names
# Environment: came, the names of what came, as luarocks:NAME=VERSION, blanks between
# Exit status: that of luarocks for a rock asked for that another one needs, or that is not there.

take() {
  case $1 in
    *=*) luarocks --tree=/usr/local remove "${1%%=*}" "${1#*=}" ;;
    *) luarocks --tree=/usr/local remove "$1" ;;
  esac
}
# Takes off what can be, again as long as there is some, since each may have been what another one is needed by.
sweep() {
  some=yes
  while [ "$some" ]; do
    some='' rest=''
    for rock in $left; do
      if take "$rock" >/dev/null 2>&1; then some=yes; else rest="$rest $rock"; fi
    done
    left=$rest
  done
}

guards=
trap 'rm -f $guards' EXIT
for folder in /usr/local/bin /usr/local/lib /usr/local/share; do
  [ ! -d "$folder" ] || guards="$guards $(mktemp "$folder/.luarocks.XXXXXX")" || exit
done
left=$*
sweep
for rock in $left; do take "$rock" || exit; done
left=
for rock in ${came-}; do
  case $rock in luarocks:*) left="$left ${rock#luarocks:}" ;; esac
done
sweep
for tree in /usr/local/lib/luarocks/rocks-*; do
  set -- "$tree"/*/
  if [ ! -d "$1" ]; then
    rm -f "$tree/manifest"
    rmdir "$tree" "${tree%/*}" 2>/dev/null
  fi
done
:
