#!/bin/sh
# Writes a file of settings as put_text.sh does, whose content is no plain text.
#
# $1: its path; below /root it is below the home of who runs it
# $2: its content in base64
# Exit status: 0 where it has that content; 1 where another is there, or it can't be written.

path=$1
case $path in /root/*) path=${HOME:-/root}/${path#/root/} ;; esac
content() { printf '%s' "$content" | base64 -d; }
content=$2
if [ -e "$path" ]; then
    [ "$(content | cksum)" = "$(cksum <"$path")" ] || { echo "$path is there already, and differs" >&2; exit 1; }
else
    mkdir -p "${path%/*}" && content >"$path" && chmod 644 "$path"
fi
