#!/bin/sh
# Fetches the package index again, and says so where it is still the one that was there.
#
# $1: what to say
# $2: text for sh that makes the manager's own cache of the index
# then: the command that fetches it
# apt-get update removes that cache and makes it anew, in 0.7 s, also of an index that has not changed (apt 2.6).

said=$1
cached=$2
shift 2
before=$(cat /var/lib/apt/lists/*Release | cksum)
"$@" -o pkgCacheFile::Generate=false -o Dir::Cache::pkgcache= || exit
if [ "$before" = "$(cat /var/lib/apt/lists/*Release | cksum)" ]; then
  echo "$said"
else
  exec sh -c "$cached"
fi
