#!/bin/sh
# Kills a command that was started by exec, and all that it began in the session that the engine gave it (setsid(2)).
#
# $1: the id of its first process, which is the session's, too
# In sh alone: minimal images have no pkill.

kill -KILL "$1" 2>/dev/null
for stat in /proc/[0-9]*/stat; do
  line=''
  { read -r line <"$stat"; } 2>/dev/null
  # proc(5): behind the name in brackets stand the state, the parent, the group and the session
  rest=${line##*) } pid=${stat#/proc/}
  rest=${rest#* } rest=${rest#* } rest=${rest#* }
  if [ "${rest%% *}" = "$1" ]; then kill -KILL "${pid%/stat}" 2>/dev/null; fi
done
exit 0
