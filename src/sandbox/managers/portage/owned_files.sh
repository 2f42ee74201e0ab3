#!/bin/sh
# Prints the files and folders of installed packages, without the slot or architecture behind a colon.
#
# $1 and on: names

(set +f
    for name; do
        name=${name%%:*}
        for path in "/var/db/pkg/$name"-[0-9]*/CONTENTS; do cat "$path"; done
    done) | sed -n 's/^dir //p; s/^obj \(.*\) [0-9a-f]* [0-9]*$/\1/p'
