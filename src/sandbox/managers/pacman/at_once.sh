#!/bin/sh
# Runs pacman so that it fetches several packages at once, where its settings leave open how many; else as it is.
#
# $1: a folder of ours
# then: the command, pacman first
# Exit status: that of the command.
#
# pacman takes a number of downloads from its settings alone (pacman.conf(5), ParallelDownloads), since 6.0. What the
# user's own say stands behind ours, and so goes before it.

folder=$1 program=$2
shift 2
if {
  [ "$(pacman-conf ParallelDownloads)" = 1 ] &&
    mkdir -p "$folder" &&
    printf '[options]\nParallelDownloads = 5\nInclude = /etc/pacman.conf\n' >"$folder/pacman.conf"
} 2>/dev/null; then
  set -- --config "$folder/pacman.conf" "$@"
fi
exec "$program" "$@"
