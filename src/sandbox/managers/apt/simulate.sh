#!/bin/sh
# Prints what a command would do, the sizes of what that replaces, and the records of what would come.
#
# $1 and on: the command that only shows
# Exit status: that of the command where it fails.

plan=$("$@") || { status=$?; printf '%s\n' "$plan"; exit "$status"; }
printf '%s\n' "$plan"
printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\) \[.*/\1/p; s/^Remv \([^ ]*\) .*/\1/p' |
    xargs -r dpkg-query -W -f "Was: \${Package} \${Installed-Size}\\n" 2>/dev/null
printf '%s\n' "$plan" |
    sed -n 's/^Inst \([^ ]*\) \(\[[^]]*\] \)\{0,1\}(\([^ ]*\) .*/\1=\3/p' |
    xargs -r apt-cache -o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache= show 2>/dev/null
exit 0
