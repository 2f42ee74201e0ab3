#!/bin/sh
# Prints the commands, the files of a package manager's database and its listing.
#
# $1: a file to remove
# $2: the folders of a PATH, a word each
# $3: the files to print, a word each
# $4: the manager's own listing, text for sh, empty for none
# then: a command that lists files, or nothing
# Prints the commands, each with a NUL behind it, an empty one as their end, each file behind `SIZE PATH` and a NUL, the
# listing between `listing`, a NUL and another, then what the command prints behind `files` and a NUL. Without wc there
# is no SIZE, by which it is seen that the look is none.

PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH
rm -f "$1"
# a folder in one piece: an engine passes on each that is written, a thousand for the commands of a fresh Debian
for folder in $2; do
  if cd "$folder" 2>/dev/null; then
    are_all=yes
    for name in *; do [ -x "$name" ] || are_all=; done
    if [ "$are_all" ]; then
      printf '%s\0' *
    else
      for name in *; do if [ -x "$name" ]; then printf '%s\0' "$name"; fi; done
    fi
  fi
done
printf '\0'
for file in $3; do
  if [ -f "$file" ]; then size=$(wc -c <"$file"); printf '%s %s\0' "${size:+$((size))}" "$file"; cat "$file"; fi
done
printf 'listing\0%s\0files\0' "$(eval "$4" 2>/dev/null)"
shift 4
if [ $# -gt 0 ]; then "$@" 2>/dev/null; fi
exit 0
