#!/bin/sh
# Downloads files that are known, each into its package's folder. What comes in spite of another hash is not installed:
# it is there for the difference to be shown.
#
# $1: the folder for them
# then: the packages that were asked for
# stdin: PACKAGE and a line of pip's requirements with a hash, a line each

set -e; umask 022
made=
trap '[ "$?" = 0 ] || [ -z "$made" ] || rm -rf "$made"' EXIT
folder=$1; shift
mkdir -p "$folder"; cat >"$folder/wanted"
for root; do
  home=/opt/pip/$root
  made=$home; [ ! -e "$home" ] || made=; [ -e "${home%/*}" ] || made=${home%/*}
  [ -x "$home/bin/python" ] || python3 -m venv "$home"
  get() { "$home/bin/python" -m pip download --only-binary :all: --no-deps --dest "$folder/$root" "$@"; }
  sed -n "s/^$root //p" "$folder/wanted" >"$folder/hashed"
  sed 's/ .*//' "$folder/hashed" >"$folder/named"
  get --require-hashes -r "$folder/hashed" || get -r "$folder/named"
done
