#!/bin/sh
# Becomes the user's shell or command, behind begin.sh of lifecycle, whose function it calls.
#
# $1: the scratch folder
# $2, $3: rows and columns of the terminal, empty without one
# $4: the text of the command promote, empty for none
# $5: files and folders of settings, a word each
# $6: a program that prints what users set by a command
# $7: what is known of the sandbox, empty for nothing; - to wait for it at the terminal
# $8: what to say besides of a command that is not there, empty for nothing
# then: --shells NAME..., of which the first that is there is run, or sh; or a command and its arguments
# Exit status: that of what it becomes; 127 for a command that is not there.
#
# The size is set from inside since engines below API 1.42 can't be told one. TERM falls back where its description is
# missing, since every full-screen program would complain.
#
# One that waits was opened beside an install, since that takes an engine 0.1 s. It writes a byte 1 once it waits, a
# byte 2 where it goes on. It does not where root or its groups are others by now: engines give a command its groups.

if [ -n "$2" ]; then stty rows "$2" cols "$3" 2>/dev/null; fi
scratch=$1 note=$7
if [ "$note" = - ]; then
  roots() { grep -w root /etc/passwd /etc/group 2>/dev/null; }
  before=$(roots)
  modes=$(stty -g 2>/dev/null) && stty raw -echo || exit 1
  printf '\001'
  IFS= read -r note && [ "$(roots)" = "$before" ] && stty "$modes" || exit 1
  printf '\002'
fi
if [ -w "$scratch" ]; then
  if [ -n "$4" ]; then ( { printf '%s' "$4" >"$scratch/promote" && chmod 755 "$scratch/promote"; } & ); fi
  if [ -n "$note" ]; then printf '%s' "$note" >"$scratch/known"; fi
  # an install's kills at the memory limit, by cgroup v2 or v1, are not those of the shell
  for counts in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
    if [ -r "$counts" ]; then while IFS= read -r count; do printf '%s\n' "$count"; done <"$counts"; fi
  done >"$scratch/kills" 2>/dev/null
fi
begin "$scratch" "$5" "$6"
known='' initial=${TERM%"${TERM#?}"}
for d in /etc/terminfo /lib/terminfo /usr/share/terminfo /usr/lib/terminfo; do
  if [ -e "$d/$initial/$TERM" ]; then known=1; fi
done
if [ -z "$known" ]; then case $TERM in dumb|linux|xterm) ;; *) TERM=xterm-256color ;; esac; fi
absent=$8
shift 8
if [ "$1" = --shells ]; then
  shift
  for s in "$@"; do if command -v "$s" >/dev/null 2>&1; then exec "$s"; fi; done
  exec sh
fi
command -v "$1" >/dev/null 2>&1 || { printf '%s\n' "sandbox: no command $1 in this distro" ${absent:+"$absent"} >&2; exit 127; }
exec "$@"
