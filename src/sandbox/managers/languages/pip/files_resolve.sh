#!/bin/sh
# Downloads packages with all that they need, each into a folder of its own.
#
# $1: the folder for them
# then: NAME, NAME==VERSION, or NAME=FILE with the path of a wheel

set -e; umask 022
made=
trap '[ "$?" = 0 ] || [ -z "$made" ] || rm -rf "$made"' EXIT
folder=$1; shift
for wanted; do
  home=/opt/pip/${wanted%%=*}
  made=$home; [ ! -e "$home" ] || made=; [ -e "${home%/*}" ] || made=${home%/*}
  [ -x "$home/bin/python" ] || python3 -m venv "$home"
  case $wanted in *=/*) named=${wanted#*=} ;; *) named=$wanted ;; esac
  "$home/bin/python" -m pip download --only-binary :all: --dest "$folder/${wanted%%=*}" "$named"
done
