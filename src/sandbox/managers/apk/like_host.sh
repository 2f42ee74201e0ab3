#!/bin/sh
# Makes the packages of a sandbox those of a host, in their versions where the repositories have them.
#
# Where they no longer have one, apk's database says of it what the host's says, so that apk answers as on the host; its
# files are those of the version that came, or none.
#
# Standard input: for each package its name, version, `manual` or `auto`, and `hold` or `free`; an empty line; the
# fields that the host's database has of them. $@: options of apk.
# Says of each that could not be had so `sandbox-host`, a word and its name. Exit status: 1 where apk could do nothing.

set -f
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cat >"$work/all"
sed '/^$/,$d' "$work/all" >"$work/rows"
sed '1,/^$/d' "$work/all" >"$work/records"
world=/etc/apk/world
mv "$world.of-host" "$work/world" || exit

# Installs the packages in the file $1; halves the list where they do not fit together, down to the ones that do not.
take() {
    list=$1
    shift
    [ -s "$list" ] || return 0
    if xargs -r apk "$@" add -s <"$list" >"$work/said" 2>&1; then
        xargs -r apk "$@" add <"$list" 2>&1 | tee "$work/said"
        sed -n 's/^ERROR: \(.*\)-[0-9][^-]*-r[0-9]*\.[a-z-]*: .*/sandbox-host broken \1/p' "$work/said" | sort -u
        return 0
    fi
    if [ "$(wc -l <"$list")" = 1 ]; then
        sed 's/=.*//; s/^/sandbox-host refused /' "$list"
        return 0
    fi
    half=$((($(wc -l <"$list") + 1) / 2))
    head -n "$half" "$list" >"$list"0
    tail -n "+$((half + 1))" "$list" >"$list"1
    (take "${list}0" "$@")
    take "${list}1" "$@"
}

apk search -a 2>/dev/null >"$work/there"
apk info -v 2>/dev/null >"$work/had"
: >"$work/notes"
awk -v had="$work/had" -v there="$work/there" -v notes="$work/notes" '
BEGIN {
    while ((getline line <had) > 0) here[line] = 1
    while ((getline line <there) > 0) {
        exact[line] = 1
        sub(/-[0-9][^-]*-r[0-9]+$/, "", line)
        some[line] = 1
    }
}
($1 "-" $2) in here || ($1 "-" $2) in exact { print $1 "=" $2; next }
{ print "sandbox-host " ($1 in some ? "other " : "missing ") $1 >notes }
$1 in some { print $1 }' "$work/rows" >"$work/exact"
cat "$work/notes"
take "$work/exact" "$@"

# The books: packages in another version, or that are not there, are as the host has them.
books=/lib/apk/db/installed
[ -e "$books" ] || books=/usr/lib/apk/db/installed
cp "$books" "$work/books" && cp "$world" "$work/own" || exit
apk info -v 2>/dev/null >"$work/had"
awk -v had="$work/had" '
BEGIN { while ((getline line <had) > 0) here[line] = 1 }
!(($1 "-" $2) in here) { print $1 }' "$work/rows" >"$work/differ"
if [ -s "$work/differ" ]; then
    awk -v differ="$work/differ" '
    function named(text) { match(text, /(^|\n)P:[^\n]+/); text = substr(text, RSTART, RLENGTH); sub(/^\n?P:/, "", text); return text }
    BEGIN { while ((getline line <differ) > 0) want[line] = 1; RS = ""; ORS = "\n\n" }
    FILENAME == ARGV[1] { if (named($0) in want) theirs[named($0)] = $0; next }
    named($0) in theirs { at = index($0, "\nF:"); print theirs[named($0)] (at ? substr($0, at) : ""); delete theirs[named($0)]; next }
    { print }
    END { for (name in theirs) print theirs[name] }' "$work/records" "$work/books" >"$work/new" && cat "$work/new" >"$books"
fi
cat "$work/world" >"$world"
if ! apk add -s >/dev/null 2>&1; then
    [ ! -s "$work/differ" ] || sed 's/^/sandbox-host books /' "$work/differ"
    cat "$work/books" >"$books"
    # a world without those that are not there, or else the one that was made
    awk -v differ="$work/differ" '
    BEGIN { while ((getline line <differ) > 0) gone[line] = 1 }
    { name = $0; sub(/[<>=~@].*/, "", name); if (!(name in gone)) print }' "$work/world" >"$world"
    apk add -s >/dev/null 2>&1 || cat "$work/own" >"$world"
fi

# What the base has and the host has not goes, but for what others need.
apk "$@" add >/dev/null 2>&1 || :
cut -d ' ' -f 1 "$work/rows" | sort >"$work/wanted"
apk info 2>/dev/null | sort -u | comm -23 - "$work/wanted" | sed 's/^/sandbox-host kept /'
exit 0
