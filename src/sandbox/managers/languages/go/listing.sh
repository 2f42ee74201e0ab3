#!/bin/sh
# Prints the sizes of all programs (du -k), then what go says of them. Nothing where nothing is installed. Without a
# home go can't write down that it was asked.

for folder in /usr/local/bin /root/go/bin; do
  if [ -d "$folder" ]; then
    du -k "$folder"/* 2>/dev/null
    (unset HOME XDG_CONFIG_HOME; go version -m "$folder" 2>/dev/null)
  fi
done
