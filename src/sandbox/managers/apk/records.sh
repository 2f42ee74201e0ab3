#!/bin/sh
# A function for other programs: records NAME... prints what the repositories' indexes say of packages, a line each of
# `Name: `, `Version: ` and so on, by apk 3 itself, or out of the files of older ones.

records() {
  fields=name,version,description,installed-size,file-size,provides
  apk query --all-matches --from repositories --fields $fields -- "$@" 2>/dev/null && return
  architecture=$(apk --print-arch)
  local=$(sed -n 's#^\(@[^ ]* \)\{0,1\}\(/[^ ]*\).*#\2#p' /etc/apk/repositories)
  for file in /var/cache/apk/APKINDEX.*.tar.gz $local; do
    [ -d "$file" ] && file=$file/$architecture/APKINDEX.tar.gz
    [ -f "$file" ] && tar -xzOf "$file" APKINDEX 2>/dev/null && echo
  done | awk -v names=" $* " '
    /^P:/ { shown = index(names, " " substr($0, 3) " "); if (shown) print "Name: " substr($0, 3) }
    shown && /^V:/ { print "Version: " substr($0, 3) }
    shown && /^T:/ { print "Description: " substr($0, 3) }
    shown && /^I:/ { print "Installed-Size: " substr($0, 3) }
    shown && /^S:/ { print "File-Size: " substr($0, 3) }
    shown && /^p:/ { print "Provides: " substr($0, 3) }'
}
