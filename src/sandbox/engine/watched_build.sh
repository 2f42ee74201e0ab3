#!/bin/sh
# Run "$@" in this process group, and end the group when standard input ends: the kernel closes that when the program
# that started this dies of anything. The folder of logins, DOCKER_CONFIG, goes before.
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{
    trap '' TERM
    cat <&3
    kill -TERM 0
    rm -rf -- "$DOCKER_CONFIG"
    kill -KILL 0
} >/dev/null 2>&1 &
exec 3<&-
wait "$child"
