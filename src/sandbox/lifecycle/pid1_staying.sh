#!/bin/sh
# PID 1 of a sandbox that stays: has the lifeline, its stdin, until it is handed over, so that one half made ends with
# its maker; then it runs what it was given, or waits.
#
# $1: the epoch at which it ends by itself, empty for never
# $2: the file that is there once it is handed over, and that is run where it is not empty
# Exit status: that of the file; 0 where the lifeline ended before; 128 + the signal by HUP, INT or TERM; 138, which is
# 128 + SIGUSR1, when its time is up.
# What it waits for is asked to end first, by `$!`: a variable of our own would be empty where the signal comes right
# after the start. Only what it was given is waited for: a child of dash loses a signal that comes before it has dropped
# its parent's traps, and a stop would wait for a `sleep` until the engine kills.

end() {
  trap '' TERM INT HUP USR1
  if [ -n "$!" ]; then kill -TERM "$!" 2>/dev/null; fi
  if [ -n "$given" ]; then wait "$!" 2>/dev/null; fi
  exit "$1"
}
given=
trap 'end 129' HUP
trap 'end 130' INT
trap 'end 143' TERM
trap 'end 138' USR1
exec 3<&0 </dev/null
if [ -n "$1" ]; then
  (exec 3<&-; left=$(($1 - $(date +%s))); if [ "$left" -gt 0 ]; then sleep "$left"; fi; kill -USR1 1) >/dev/null 2>&1 &
fi
if [ ! -f "$2" ]; then cat <&3 >/dev/null & exec 3<&-; wait "$!"; fi
exec 3<&-
if [ ! -f "$2" ]; then exit 0; fi
if [ -s "$2" ]; then given=1; sh "$2" & wait "$!"; exit; fi
while :; do sleep 86400 & wait "$!"; done
