#!/bin/sh
# Exit status 0 only if a package is installed in a version, and dpkg keeps of it what its file has.
#
# $1: the package's name
# $2: its version
# $3: the SHA-256 of the control files that follow, one after the other
# then: the names of these files; none where the file has none of them

name=$1 version=$2 digest=$3; shift 3
here=$(dpkg-query -W -f '${db:Status-Status} ${Version} ${Architecture}\n' "$name") || exit
case $here in "installed $version "*) ;; *) exit 1 ;; esac
[ $# -gt 0 ] || exit 0
cd /var/lib/dpkg/info || exit
for part; do
  shift
  if [ -e "$name:${here##* }.$part" ]; then set -- "$@" "$name:${here##* }.$part"; else set -- "$@" "$name.$part"; fi
done
case $(cat "$@" | sha256sum) in "$digest "*) ;; *) exit 1 ;; esac
