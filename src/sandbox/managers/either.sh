#!/bin/sh
# Runs one command; where that fails, another.
#
# $1: how many words the first has
# then: the words of the first, and those of the other

count=$1; shift
total=$# number=0
(
  for word; do
    if [ "$number" -lt "$count" ]; then set -- "$@" "$word"; fi
    number=$((number + 1))
  done
  shift "$total"
  exec "$@"
) || { shift "$count"; exec "$@"; }
