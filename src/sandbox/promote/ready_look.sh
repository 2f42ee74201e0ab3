#!/bin/sh
# Runs a program, which waits for a line on its standard input where it calls `begin`; without a line it ends, as when
# who opened it has gone.
#
# $1: the text of the program
# then: its arguments
# Prints what the program prints, and a mark where it succeeded.
# Exit status: 4 without a line, else the program's.

text=$1; shift
# the kernel has by then what the look walks, a part of very many files: a third of its time in a fresh container
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /nix/store \) -prune -o \
  \( -newer / -o -print \) 2>/dev/null | head -c 2000000 >/dev/null &
walk=$!
begin() {
  read -r _ || exit 4
  kill "$walk" 2>/dev/null
  exec </dev/null
}
(eval "$text") && printf '\0\0the look ends\0'
