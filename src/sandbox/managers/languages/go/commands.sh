#!/bin/sh
# Prints the names of Go's programs, by what is in them.

if command -v go >/dev/null; then
  (unset HOME XDG_CONFIG_HOME; go version -m /usr/local/bin 2>/dev/null) |
    sed -n 's#^/usr/local/bin/\([^/]*\): go.*#\1#p'
fi
