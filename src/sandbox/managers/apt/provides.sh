#!/bin/sh
# Prints `section/package,...` for each file of a name in a folder of a PATH, by the archive's Contents.
#
# $1: the name
# Exit status: 1 without any list: that no package is known is not that there is none.

cd /var/lib/apt/lists || exit
set -- "$1" -o "Acquire::IndexTargets::deb::Contents::MetaKey=\$(COMPONENT)/Contents-\$(ARCHITECTURE)" \
    -o 'Acquire::IndexTargets::deb::Contents::ShortDescription=Contents' \
    -o "Acquire::IndexTargets::deb::Contents::Description=Contents of \$(COMPONENT) for \$(ARCHITECTURE)" \
    -o "Acquire::IndexTargets::deb::Contents::flatMetaKey=Contents-\$(ARCHITECTURE)" \
    -o 'Acquire::IndexTargets::deb::Contents::KeepCompressed=true' -o Acquire::Languages=none
command=$1
shift
apt-get -qq "$@" update >/dev/null 2>&1
known=
for file in *Contents-*; do
    [ -f "$file" ] || continue
    known=1
    /usr/lib/apt/apt-helper cat-file "$file" | awk -v name="$command" '
        $1 ~ /^(usr\/)?(local\/)?(s?bin|games)\// { path = $1; sub(/.*\//, "", path); if (path == name) print $NF }'
done
[ -n "$known" ] || { echo "the archive's lists of contents can't be had" >&2; exit 1; }
exit 0
