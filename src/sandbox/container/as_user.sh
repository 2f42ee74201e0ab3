#!/bin/sh
# Becomes a command as another user.
#
# $1: the user
# $2: the group, empty for the user's own
# $3: the command, text for sh
# Exit status: that of the command.
# setpriv (util-linux) becomes the command; su stays its parent, and takes two seconds to end.

group=${2:-$(id -g "$1")}
if setpriv --reuid="$1" --regid="$group" --init-groups true 2>/dev/null; then
  home=$(getent passwd "$1" | cut -d: -f6)
  export USER="$1" LOGNAME="$1" SHELL=/bin/sh HOME="${home:-/}"
  exec setpriv --reuid="$1" --regid="$group" --init-groups sh -c "$3"
fi
exec su -s /bin/sh "$1" -c "$3"
