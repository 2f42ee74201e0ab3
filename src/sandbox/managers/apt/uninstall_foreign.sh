#!/bin/sh
# What follows uninstall.sh where packages of a foreign architecture came: libgcc-s1:i386 is Protected, so that apt's
# autoremoval keeps it and the C library that it needs (apt 2.6). Nothing goes but what came.

set --
for name in ${came-}; do # apt keeps the C library of a foreign architecture for ever, as what protects itself needs it
    case $name in *:*) ! dpkg-query -W "$name" >/dev/null 2>&1 || set -- "$@" "$name" ;; esac
done
essential=--allow-remove-essential
if [ $# -gt 0 ] && is_spare "$@"; then apt-get remove -y $essential "$@"; fi
