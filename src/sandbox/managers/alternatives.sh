#!/bin/sh
# Prints which alternatives were chosen by hand, as chkconfig(8) and update-alternatives(1) note them, a line each:
# alternative NAME PATH, tabs between; and by lines of ls(1), where the links of all lead.

LC_ALL=C ls -l /etc/alternatives 2>/dev/null
cd /var/lib/alternatives 2>/dev/null || exit 0
for file in *; do
  [ -f "$file" ] || continue
  IFS= read -r mode <"$file" || continue
  if [ "$mode" = manual ]; then printf 'alternative\t%s\t%s\n' "$file" "$(readlink "/etc/alternatives/$file")"; fi
done
exit 0
