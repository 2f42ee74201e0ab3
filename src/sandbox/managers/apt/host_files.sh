#!/bin/sh
# Puts a host's sources, keys and pins in the place of the base's own.
#
# $1: the release that the host prefers, or nothing. Standard input: for each file its path and its content in base64.

umask 022
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources || exit
rm -f /etc/apt/preferences /etc/apt/preferences.d/* || exit
while read -r path content; do
    mkdir -p "${path%/*}" && printf %s "$content" | base64 -d >"$path" || exit
done
[ -z "$1" ] || printf 'APT::Default-Release "%s";\n' "$1" >/etc/apt/apt.conf.d/00release-of-host
