#!/bin/sh
# Removes packages, then what is unneeded since; what was so before is no business of ours.
#
# $1 and on: atoms

unneeded() { emerge --color=n --pretend --quiet --depclean 2>/dev/null | sed -n 's/^All selected packages: //p'; }
before=" $(unneeded) "
emerge --ask=n --color=n --nospinner --quiet --depclean "$@" || exit
set --
for atom in $(unneeded); do case $before in *" $atom "*) ;; *) set -- "$@" "$atom" ;; esac; done
[ $# -eq 0 ] || emerge --ask=n --color=n --nospinner --quiet --depclean "$@"
