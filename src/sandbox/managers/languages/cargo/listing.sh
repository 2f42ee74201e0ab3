#!/bin/sh
# Prints what cargo has installed: the sizes of all commands (du -k) beside each of its files, then the file, which says
# which crates have which commands. Nothing where nothing is installed.

for home in /usr/local /root/.cargo; do
  if [ -f "$home/.crates.toml" ]; then
    du -k "$home"/bin/* 2>/dev/null
    cat "$home/.crates.toml"
  fi
done
