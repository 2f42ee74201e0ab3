#!/bin/sh
# Makes ready what an installer finds: its files executable and its user's, a home as a new user has it, and sudo without
# a password where sudo is there, since nobody could type one.
#
# $1: the folder of its files
# $2: its user, empty for root
# $3: the file to make executable, empty for none
# Prints the home of the user.

if [ -n "$3" ]; then chmod 755 "$1/$3" || exit 1; fi
if [ -z "$2" ]; then echo /root; exit 0; fi
home=$(while IFS=: read -r name _ _ _ _ folder _; do [ "$name" = "$2" ] && echo "$folder"; done </etc/passwd)
[ -d /etc/skel ] && cp -R /etc/skel/. "$home/"
chown -R "$2" "$1" "$home" || exit 1
if [ -d /etc/sudoers.d ]; then
  echo "$2 ALL=(ALL) NOPASSWD: ALL" >"/etc/sudoers.d/$2" && chmod 440 "/etc/sudoers.d/$2" || exit 1
fi
echo "$home"
