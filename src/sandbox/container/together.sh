#!/bin/sh
# Runs several commands, one after the other; prints the output of each, and behind it its status between NULs.
#
# $1: a word that no output has
# then of each command: the number of its words, and these

mark=$1
shift
while [ $# -gt 0 ]; do
  count=$1 number=0 words=
  shift
  while [ "$number" -lt "$count" ]; do
    number=$((number + 1))
    words="$words \"\${$number}\""
  done
  eval "$words" 2>/dev/null
  printf '\0%s %s\0' "$mark" "$?"
  shift "$count"
done
