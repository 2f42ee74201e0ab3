#!/bin/sh
# PID 1 of a trial: runs its script, and ends what runs too long, also when nobody listens.
#
# $1: the script
# $2: the seconds it may take
# $3: its mark, which its lines begin with
# Exit status: 143 by TERM, INT or HUP, else 0.
# PID 1 can't be killed or stopped from within, so the limit is kept here. The script says by a signal that it is done,
# so that its end is noticed at once. One that was killed is said, and is no failure of the task: the swarm would start
# that anew.

trap 'exit 143' TERM INT HUP
trap 'pause=0' ALRM
pause=1
over=$(($(date +%s) + $2))
sh -c "$1" sandbox </dev/null &
script=$!
while kill -0 "$script" 2>/dev/null; do
    if [ "$(date +%s)" -gt "$over" ]; then
        kill -9 "$script"
        printf '%s late\n' "$3"
        exit 0
    fi
    sleep "$pause" >/dev/null 2>&1 &
    wait $!
done
[ "$pause" = 0 ] || wait "$script" || printf '%s died %s\n' "$3" "$?"
exit 0
