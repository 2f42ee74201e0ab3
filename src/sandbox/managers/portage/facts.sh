#!/bin/sh
# Prints what installed packages need and their licences: `N CATEGORY/NAME-VERSION`, then `D` needs and `L` licence.

for folder in /var/db/pkg/*/*/; do
  printf 'N %s/%s\n' "$(cat "$folder/CATEGORY")" "$(cat "$folder/PF")"
  printf 'D %s\n' "$(tr -s '[:space:]' ' ' <"$folder/RDEPEND" 2>/dev/null)"
  printf 'L %s\n' "$(cat "$folder/LICENSE" 2>/dev/null)"
done 2>/dev/null
