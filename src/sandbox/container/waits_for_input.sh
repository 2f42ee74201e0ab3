#!/bin/sh
# Prints "waits" if a process waits for what somebody types, so that its last words are a question, or "over" if the
# command has ended.
#
# $1: the first process of the command
# A read of a terminal sleeps in wait_woken (n_tty_read before Linux 4.0); the first argument of the call is the file
# (proc(5), syscall). Both can be read of processes of the same user only, so that it is run as that one.
# In sh, cat and readlink alone.

[ -d "/proc/$1" ] || { echo over; exit 0; }
for folder in /proc/[0-9]*; do
  case $(cat "$folder/wchan" 2>/dev/null) in wait_woken | n_tty_read | tty_read) ;; *) continue ;; esac
  number='' file=''
  { read -r number file _ <"$folder/syscall"; } 2>/dev/null
  case $file in 0x[0-9a-f]*) ;; *) continue ;; esac
  case $(readlink "$folder/fd/$((file))" 2>/dev/null) in
    /dev/pts/* | /dev/tty* | /dev/console) echo waits; exit 0 ;;
  esac
done
exit 0
