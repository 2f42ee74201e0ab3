#!/bin/sh
# Puts a host's repositories and keys in the place of the base's own, and its world beside the base's.
#
# Standard input: for each file its path and its content in base64.

umask 022
rm -rf /etc/apk/repositories /etc/apk/repositories.d || exit
: >/etc/apk/repositories
while read -r path content; do
    mkdir -p "${path%/*}" && printf %s "$content" | base64 -d >"$path" || exit
done
