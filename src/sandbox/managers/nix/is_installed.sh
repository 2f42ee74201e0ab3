#!/bin/sh
# $1: an attribute
# $2: its version, empty or absent for any
# Exit status: 0 where it is installed.

named=$(nix-env -f "<nixpkgs>" -qaA "$1") || exit
name=${named%%-[0-9]*}
for have in $(nix-env -q); do
    case $have in "$name"-[0-9]*) if [ "${2:-"${have#"$name-"}"}" = "${have#"$name-"}" ]; then exit 0; fi ;; esac
done
exit 1
