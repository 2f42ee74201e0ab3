#!/bin/sh
# Prints what installed packages need and their licences: `N NAME`, then `D` needs, `P` provides, `L` licence, `T` the
# time of its build, an epoch, `M` its maintainer.

for file in /usr/lib/apk/db/installed /lib/apk/db/installed; do
  [ -f "$file" ] || continue
  sed -n 's/^P:/N /p; s/^D:/D /p; s/^p:/P /p; s/^L:/L /p; s/^t:/T /p; s/^m:/M /p' "$file"
  break
done
