#!/bin/sh
# Prepares a fresh image for pacman.
#
# pacman 7 downloads as another user behind Landlock, which a container may not have; older ones know no such option.
# The distro's keys are taken up where they are not there yet, as in images that leave out what differs between builds;
# the agent that this starts would stay.

[ ! -f /etc/pacman.conf ] || sed -i 's/^[[:space:]]*DownloadUser/#&/' /etc/pacman.conf
bytes() { cat "$@" 2>/dev/null | wc -c; }
keys=$(bytes /usr/share/pacman/keyrings/*.gpg)
if [ "$keys" -gt 0 ] && [ $(($(bytes /etc/pacman.d/gnupg/pubring.*) * 2)) -lt "$keys" ]; then
  pacman-key --init && pacman-key --populate
  gpgconf --homedir /etc/pacman.d/gnupg --kill all
fi >/dev/null 2>&1
