#!/bin/sh
# Sets "$@" to a dozen packages whose name or summary holds a text, for commands_of.sh, which stands behind it.
#
# $1: the text

set -f
names=$(xbps-query -R -s "$1" 2>/dev/null | sed -n 's/^\[.\] \([^ ]*\)-[^- ]*_[0-9]* .*/\1/p' | head -n 12)
set --
for name in $names; do set -- "$@" "$name"; done
