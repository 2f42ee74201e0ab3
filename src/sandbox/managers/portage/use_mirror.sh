#!/bin/sh
# Sets where sources and binary packages come from; both words are replaced as text.
#
# $1: the official place
# $2: the mirror

for file in /etc/portage/binrepos.conf /etc/portage/binrepos.conf/*; do
    [ -f "$file" ] || continue
    OLD=$1 NEW=$2 awk '
        { at = index($0, ENVIRON["OLD"]) }
        at { $0 = substr($0, 1, at - 1) ENVIRON["NEW"] substr($0, at + length(ENVIRON["OLD"])) }
        { print }' "$file" >/tmp/binrepos.new && cat /tmp/binrepos.new >"$file"
    rm -f /tmp/binrepos.new
done
printf 'GENTOO_MIRRORS="%s"\n' "$2" >>/etc/portage/make.conf
