#!/bin/sh
# Fails where none of some URLs stands in a manager's sources: then all would come from today, and nobody knew.
#
# $1 and on: the URLs

for url; do grep -rqF -- "$url" /etc/apt /etc/pacman.conf /etc/pacman.d/mirrorlist 2>/dev/null && exit; done
echo "no repository of this base is one that the snapshot service keeps: its sources name another mirror" >&2
exit 1
