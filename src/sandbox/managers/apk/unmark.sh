#!/bin/sh
# Takes packages out of /etc/apk/world, those alone that stay installed or that nothing needs: apk takes a package off at
# once when nothing needs it and /etc/apk/world has it no more.
#
# $1 and on: names

for name; do
    if apk del -s "$name" | grep -q '^([0-9/ ]*) Purging'; then
        echo "stays: $name, since apk would take it off without its mark"
    else
        apk del "$name" || exit
    fi
done
