#!/bin/sh
# Puts a host's repositories, keys and variables in the place of the base's own. Locks of versions wait beside their
# places until the host's packages are there.
#
# Standard input: for each file its path and its content in base64.

umask 022
rm -f /etc/yum.repos.d/*.repo /etc/distro.repos.d/*.repo /usr/share/dnf5/repos.d/*.repo || exit
while read -r path content; do
    case $path in *versionlock*) path=$path.of-host ;; esac
    mkdir -p "${path%/*}" && printf %s "$content" | base64 -d >"$path" || exit
done
