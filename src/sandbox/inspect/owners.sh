#!/bin/sh
# Asks a package manager which package owns each of some files.
#
# $1: seconds after which no further one is asked for
# $2: how many words the command has
# then: the command, then the paths
# Prints what the command says of each path, behind it NUL, its status and NUL.

seconds=$1 words=$2 command='' number=2
while [ "$number" -lt $((words + 2)) ]; do number=$((number + 1)); command="$command \"\${$number}\""; done
end=$(($(date +%s) + seconds))
while [ "$number" -lt $# ] && [ "$(date +%s)" -lt "$end" ]; do
  number=$((number + 1))
  eval "$command \"\${$number}\"" 2>/dev/null
  printf '\0%s\0' $?
done
exit 0
