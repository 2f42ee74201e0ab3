#!/bin/sh
# Waits for the word `left` on stdin, or for its end without one: then the client of the command at a terminal that $1
# notes is dead, and what runs at it ends, too. `over`: it ends, and nobody comes back. Empty lines only show that the
# client is there.
#
# $1: the file in which the command's pid is noted, as the leader of a session of processes
# $2: the sandbox's life; one that is `kept` stops with its last terminal, but not while a client whose connection was
#     cut comes back, which takes it a second
#
# Engines leave a command at a terminal alone when its client has gone (https://github.com/moby/moby/issues/14391), but
# close the stdin of one without a terminal. As at a closed window all processes of the session get SIGHUP, and those
# that ignore it live on, but for its leader. Fields of stat: proc(5); the fourth behind the name is the session.

note=$1 life=$2
: >"$note"
grace='1 2 3'
while read -r word; do
  case $word in
    left) rm -f "$note"; exit 0 ;;
    over) grace=''; break ;;
  esac
done
for _ in 1 2 3 4 5; do if [ -s "$note" ]; then break; fi; sleep 1; done
leader=
read -r leader <"$note"
rm -f "$note"
for signal in HUP KILL; do
  for stat in /proc/[0-9]*/stat; do
    line='' session='' number=0 pid=${stat#/proc/} pid=${pid%/stat}
    { read -r line <"$stat"; } 2>/dev/null
    for field in ${line##*)}; do
      number=$((number + 1))
      if [ "$number" = 4 ]; then session=$field; break; fi
    done
    if [ -n "$leader" ] && [ "$session" = "$leader" ] && { [ "$signal" = HUP ] || [ "$pid" = "$leader" ]; }; then
      kill -"$signal" "$pid" 2>/dev/null
    fi
  done
  if [ "$signal" = HUP ]; then
    for _ in 1 2 3 4 5; do if [ -d "/proc/$leader" ]; then sleep 0.2 2>/dev/null || sleep 1; fi; done
  fi
done
if [ "$life" = kept ]; then
  for pause in 0 $grace; do
    if [ "$pause" != 0 ]; then sleep 1; fi
    for other in "${note%-*}"-*; do if [ -e "$other" ]; then exit 0; fi; done
  done
  kill -TERM 1
fi
