#!/bin/sh
# Sets the mirror of dnf's and zypper's repositories: where a file names the official one, as a comment or not, that is
# what counts.
#
# $1: the official place, as a pattern of sed
# $2: the mirror, as sed's replacement

for file in /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo /etc/zypp/services.d/*.service; do
    if grep -q "^#* *\(baseurl\|url\) *= *$1" "$file" 2>/dev/null; then
        sed -i -e 's/^\(metalink\|mirrorlist\) *=/#&/' -e "s#^\#* *\(baseurl\|url\) *= *$1#\1=$2#" "$file"
    fi
done
