#!/bin/sh
# Prints "waits" if a process waits for what somebody types, so that its last words are a question, or "over" if the
# command has ended, or "perhaps" if one waits for several things at once, or the kernel does not say for what.
#
# $1: the first process of the command, whose session alone is looked at (proc(5), stat)
# A read of a terminal sleeps in wait_woken (n_tty_read before Linux 4.0); the first argument of the call is the file
# (proc(5), syscall). Both can be read of processes of the same user only, so that it is run as that one.
# In sh, cat and readlink alone.

[ -d "/proc/$1" ] || { echo over; exit 0; }
perhaps=''
for folder in /proc/[0-9]*; do
  line='' rest=''
  { read -r line <"$folder/stat"; } 2>/dev/null
  rest=${line##*) }
  rest=${rest#* } rest=${rest#* } rest=${rest#* }
  [ "${rest%% *}" = "$1" ] || continue
  case $(cat "$folder/wchan" 2>/dev/null) in
    wait_woken | n_tty_read | tty_read) ;;
    *poll* | *select* | 0 | '') perhaps=perhaps; continue ;;
    *) continue ;;
  esac
  file=''
  { read -r _ file _ <"$folder/syscall"; } 2>/dev/null
  case $file in 0x[0-9a-f]*) ;; *) continue ;; esac
  case $(readlink "$folder/fd/$((file))" 2>/dev/null) in
    /dev/pts/* | /dev/tty* | /dev/console) echo waits; exit 0 ;;
  esac
done
echo "$perhaps"
