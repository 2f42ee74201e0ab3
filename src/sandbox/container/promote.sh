#!/bin/sh
# Written by sandbox into a tmpfs: not part of this distro.

case ${1-} in
  "") ;;
  *) echo "usage: promote    (asks, when you leave, for an install script of what you installed)"; exit 2 ;;
esac
if echo promote 2>/dev/null >/proc/1/fd/1; then
  echo "Noted: on leaving you are asked for an install script of what is installed now."
else
  echo "promote: this user can't reach your host; type sandbox promote there, once you have left" >&2
  exit 1
fi
