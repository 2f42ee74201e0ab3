#!/bin/sh
# Adds lines to a file of settings, those that it has not.
#
# $1: its path; below /root it is below the home of who runs it
# then: the lines
# Exit status: 0 where it has them all.

path=$1
case $path in /root/*) path=${HOME:-/root}/${path#/root/} ;; esac
shift
for line; do
    grep -qsxF -e "$line" "$path" || { mkdir -p "${path%/*}" && printf '%s\n' "$line" >>"$path"; } || exit
done
