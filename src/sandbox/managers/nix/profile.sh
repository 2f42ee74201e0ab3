#!/bin/sh
# Functions for other programs, behind direct.sh: paths_of NAME prints the profile's paths of a derivation's name,
# name_of ATTRIBUTE prints that name, which often is the attribute's last part; where the profile has none so named,
# nixpkgs is asked.

paths_of() {
    for path in ${here-}; do
        path=${path#*=} base=${path#*/nix/store/*-}
        [ "${base%%-[0-9]*}" != "$1" ] || printf '%s\n' "$path"
    done
}
name_of() {
    if [ -n "$(paths_of "${1##*.}")" ]; then printf '%s\n' "${1##*.}"; return; fi
    found=$(nix-env -f '<nixpkgs>' -qaA "$1" 2>/dev/null) || return
    printf '%s\n' "${found%%-[0-9]*}"
}
