#!/bin/sh
# Prints the environments of pip and pipx with their sizes (du -sk), and what was installed past the distro, with
# REQUESTED behind where pip noted that somebody asked for it. Nothing where nothing is installed.

for home in /opt/pip/* /opt/pipx/venvs/* /root/.local/share/pipx/venvs/* /root/.local/pipx/venvs/*; do
  if [ -d "$home/lib" ]; then
    du -sk "$home" 2>/dev/null
    for info in "$home"/lib/python3*/site-packages/*-info; do echo "$info"; done
  fi
done
for info in /usr/local/lib*/python3*/*-packages/*-info /root/.local/lib/python3*/site-packages/*-info; do
  if [ -e "$info/REQUESTED" ]; then echo "$info REQUESTED"; elif [ -e "$info" ]; then echo "$info"; fi
done
