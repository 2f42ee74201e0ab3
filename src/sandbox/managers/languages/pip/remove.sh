#!/bin/sh
# Removes packages' environments, with the links to their commands.
#
# $1 and on: names

for package; do
  for link in /usr/local/bin/*; do
    case $(readlink "$link") in "/opt/pip/$package/"*) rm -f "$link" ;; esac
  done
  rm -rf "/opt/pip/$package"
done
