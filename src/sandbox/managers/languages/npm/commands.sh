#!/bin/sh
# Prints the names of the commands of npm's packages, which are links.

for command in /usr/local/bin/* /root/.local/bin/*; do
  if [ -L "$command" ]; then
    case $(readlink "$command") in */node_modules/*) echo "${command##*/}" ;; esac
  fi
done
