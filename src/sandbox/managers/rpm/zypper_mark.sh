#!/bin/sh
# Makes packages count as wanted. zypper has no command for it: libzypp reads this file whenever it starts.
#
# $1 and on: names

for name; do
    rest=$(grep -vxF -e "$name" /var/lib/zypp/AutoInstalled)
    printf '%s\n' "$rest" >/var/lib/zypp/AutoInstalled || exit
done
