#!/bin/sh
# Makes an environment for each package below /opt/pip, and links its own commands, not those of its dependencies, into
# /usr/local/bin, as pipx does. Of a package that could not be installed no environment stays.
#
# $1 and on: NAME, NAME==VERSION, or NAME=FILE with the path of a wheel

set -e; umask 022
made=
trap '[ "$?" = 0 ] || [ -z "$made" ] || rm -rf "$made"' EXIT
for wanted; do
  package=${wanted%%=*} home=/opt/pip/${wanted%%=*}
  made=$home; [ ! -e "$home" ] || made=; [ -e "${home%/*}" ] || made=${home%/*}
  [ -x "$home/bin/python" ] || python3 -m venv "$home"
  case $wanted in
    *=/*) "$home/bin/python" -m pip install --force-reinstall "${wanted#*=}" ;;
    *) "$home/bin/python" -m pip install "$wanted" ;;
  esac
  made=
  "$home/bin/python" -m pip show --files "$package" | sed -n "s#^ *[./]*/bin/\([^/]*\)\$#\1#p" |
  while read -r command; do
    [ "$(readlink "/usr/local/bin/$command")" = "$home/bin/$command" ] ||
      ln -s "$home/bin/$command" "/usr/local/bin/$command"
  done
done
