#!/bin/sh
# Prints what runs and what listens, as proc(5) shows it: each process's status behind NUL and P, with a line `Stat` of
# its numbers behind its name, and a line `Busy` where a thread of it works; its words behind NUL and C; files that an
# engine puts into every container behind NUL, E and their path; then the range of ports that the kernel chooses from,
# and tables of sockets and interfaces, behind NUL, N and their name.
# It leaves itself out, and what runs it. In sh, cat and tr alone.

PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH
for folder in /proc/[0-9]*; do
  if [ "$folder" != "/proc/$$" ] && [ "$folder" != "/proc/$PPID" ] && [ -r "$folder/status" ]; then
    printf '\0P'; cat "$folder/status" 2>/dev/null
    line=''
    { read -r line <"$folder/stat"; } 2>/dev/null
    printf 'Stat:%s\n' "${line##*) }"
    for stat in "$folder"/task/*/stat; do
      line=''
      { read -r line <"$stat"; } 2>/dev/null
      case ${line##*) } in R*|D*) echo 'Busy:'; break ;; esac
    done
    printf '\0C'; tr '\0' ' ' 2>/dev/null <"$folder/cmdline"
  fi
done
for file in hostname hosts resolv.conf; do printf '\0E/etc/%s\n' "$file"; cat "/etc/$file" 2>/dev/null; done
printf '\0Nrange\n'; cat /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null
for file in tcp tcp6 udp udp6 dev; do printf '\0N%s\n' "$file"; cat "/proc/net/$file" 2>/dev/null; done
exit 0
