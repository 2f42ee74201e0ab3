#!/bin/sh
# Prints the package that owns a path: where /bin and others are links, a file may be known by either path.
#
# $1: the path

case $1 in /usr/*) other=${1#/usr} ;; *) other=/usr$1 ;; esac
xbps-query -o "$1" 2>/dev/null
xbps-query -o "$other" 2>/dev/null
exit 0
