#!/bin/sh
# Removes packages from the profile. Stands behind profile.sh.
#
# $1 and on: attributes
# nix-env takes regular expressions of derivations' names, and its image has no sed.

exactly() {
    rest=$1 exact=
    while [ -n "$rest" ]; do
        first=${rest%"${rest#?}"} rest=${rest#?}
        case $first in [.+]) exact="${exact}[$first]" ;; *) exact=$exact$first ;; esac
    done
    printf '%s\n' "$exact"
}
for attribute do
    shift
    named=$(name_of "$attribute")
    set -- "$@" "$(exactly "${named:-$attribute}")"
done
nix-env -e "$@"
