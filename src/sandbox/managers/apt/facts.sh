#!/bin/sh
# Prints what installed packages need and their licences: `N NAME`, then `D` needs, `R` recommends, `P` provides, `L`
# licence, `T` the time of its build, an epoch, `I` its priority, `M` its maintainer.
#
# A foreign package's name has its architecture, `libc6:i386`. In copyright-format/1.0 the licences are those of the
# paragraphs of files, else the header's: a paragraph without files holds a licence's text, and where one may choose
# (`GPL-1+ or Artistic`), both have such texts. `L ?`: there is a licence without a name.
#
# A package without md5sums gets them from dpkg while it is installed, behind its list of files: they tell no build.
#
# $1 and on: names of packages

HEAD='/[^ ]/,$!d; /^ *$/q; s/^Format: *//Ip; s/^Format-Specification:/&/Ip'
own=$(dpkg --print-architecture)
dpkg-query -W \
  -f 'N ${binary:Package}\nI ${Priority}\nM ${Maintainer}\nD ${Pre-Depends}\nD ${Depends}\nR ${Recommends}\nP ${Provides}\n' \
  "$@" 2>/dev/null | sed "s/^\(N .*\):$own\$/\1/"
for name in "$@"; do
  file=/usr/share/doc/${name%%:*}/copyright
  printf 'N %s\n' "$name"
  if [ -f "$file" ] && [ -n "$(sed -n "$HEAD" "$file")" ]; then
    sed 's/[[:space:]]*$//' "$file" | awk '
BEGIN { RS = ""; FS = "\n" }
{
  of_files = 0; licence = ""
  for (i = 1; i <= NF; i++) {
    if (tolower($i) ~ /^files:/) of_files = 1
    if (tolower($i) ~ /^license:/) { licence = substr($i, 9); if (licence !~ /[^ \t]/) licence = " ?" }
  }
  if (licence == "") next
  if (of_files) { named = 1; if (!seen[licence]++ && ++most <= 200) print "L" licence }
  else if (NR == 1) header = licence
}
END { if (!named && header != "") print "L" header; if (most > 200) print "L ?" }'
  fi
  for file in "/var/lib/dpkg/info/$name".md5sums "/var/lib/dpkg/info/$name":*.md5sums; do
    if [ -f "$file" ]; then
      if [ -n "$(find "${file%.md5sums}.list" -newer "$file")" ]; then printf 'T %s\n' "$(date -r "$file" +%s)"; fi
      break
    fi
  done
done
