#!/bin/sh
# Prints the names of the commands of packages of pip and pipx: by their records, and links to their environments.

for record in /usr/local/lib*/python3*/*-packages/*-info/RECORD \
    /root/.local/lib/python3*/site-packages/*-info/RECORD; do
  if [ -f "$record" ]; then sed -n 's#^\(\.\./\)*bin/\([^,/]*\),.*#\2#p' "$record"; fi
done
for command in /usr/local/bin/* /root/.local/bin/*; do
  if [ -L "$command" ]; then
    case $(readlink "$command") in */venvs/* | /opt/pip*) echo "${command##*/}" ;; esac
  fi
done
