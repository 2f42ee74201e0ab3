#!/bin/sh
# PID 1 of a throwaway sandbox: lives as long as its stdin, which is the lifeline to the tool.
#
# Exit status: 0 once stdin ends; 128 + the signal, at once, by HUP, INT or TERM.
# `wait` reaps orphans; `cat` alone would ignore SIGTERM and reap nothing.

trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
exec 3<&0 </dev/null
cat <&3 >/dev/null &
exec 3<&-
wait $!
