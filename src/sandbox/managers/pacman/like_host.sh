#!/bin/sh
# Makes the packages of a sandbox those of a host. A repository has one version of each: where that is another one, or
# none, pacman's database says of it what the host's says, so that pacman answers as on the host; its files are those of
# the version that came, or none.
#
# Standard input: for each package its name, version, `manual` or `auto`, and `hold` or `free`; an empty line; what the
# host's database has of each, without empty lines. $@: options of pacman.
# Says of each that could not be had so `sandbox-host`, a word and its name. Exit status: 1 where pacman could do nothing.

set -f
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cat >"$work/all"
sed '/^$/,$d' "$work/all" >"$work/rows"
sed '1,/^$/d' "$work/all" >"$work/records"
books=/var/lib/pacman/local

# Installs the packages in the file $1; halves the list where they do not fit together, down to the ones that do not.
take() {
    list=$1
    shift
    [ -s "$list" ] || return 0
    if xargs -r pacman -Sp --needed --noconfirm <"$list" >"$work/said" 2>&1; then
        if xargs -r pacman -S "$@" --needed --noconfirm <"$list"; then return 0; fi
    fi
    if [ "$(wc -l <"$list")" = 1 ]; then
        sed 's/^/sandbox-host refused /' "$list"
        return 0
    fi
    half=$((($(wc -l <"$list") + 1) / 2))
    head -n "$half" "$list" >"$list"0
    tail -n "+$((half + 1))" "$list" >"$list"1
    (take "${list}0" "$@")
    take "${list}1" "$@"
}

pacman -Sl 2>/dev/null | cut -d ' ' -f 2,3 >"$work/there"
pacman -Q 2>/dev/null >"$work/had"
: >"$work/notes"
awk -v had="$work/had" -v there="$work/there" -v notes="$work/notes" '
BEGIN {
    while ((getline line <had) > 0) here[line] = 1
    while ((getline line <there) > 0) { exact[line] = 1; split(line, w, " "); some[w[1]] = 1 }
}
($1 " " $2) in here { next }
!(($1 " " $2) in exact) { print "sandbox-host " ($1 in some ? "other " : "missing ") $1 >notes }
$1 in some { print $1 }' "$work/rows" >"$work/names"
cat "$work/notes"
take "$work/names" "$@"

# What the base has and the host has not goes, but for what others need.
cut -d ' ' -f 1 "$work/rows" | sort >"$work/wanted"
extra() { pacman -Qq | sort | comm -23 - "$work/wanted"; }
for _ in 1 2 3; do
    for name in $(extra); do pacman -R --noconfirm "$name" >/dev/null 2>&1 </dev/null || :; done
done
extra | sed 's/^/sandbox-host kept /'

# The books: a folder for each package, whose `desc` has an empty line behind each field.
cp -a "$books" "$work/books" || exit
pacman -Q 2>/dev/null >"$work/had"
awk -v had="$work/had" '
BEGIN { while ((getline line <had) > 0) { here[line] = 1; split(line, w, " "); version[w[1]] = w[2] } }
!(($1 " " $2) in here) { print $1, $2, version[$1] }' "$work/rows" >"$work/differ"
while read -r name version own; do
    folder=$books/$name-$version
    if [ -n "$own" ]; then mv "$books/$name-$own" "$folder"; else mkdir "$folder" && printf '%%FILES%%\n\n' >"$folder/files"; fi
    awk -v name="$name" '
    BEGIN { RS = "" }
    index("\n" $0 "\n", "\n%NAME%\n" name "\n") { gsub(/\n%[A-Z0-9]+%\n/, "\n&"); print $0 "\n" }' "$work/records" >"$folder/desc"
done <"$work/differ"
if [ -s "$work/differ" ] && ! pacman -Qi >/dev/null 2>"$work/said" || [ -s "$work/said" ] && grep -q '^error' "$work/said"; then
    rm -rf "$books" && cp -a "$work/books" "$books"
    cut -d ' ' -f 1 "$work/differ" | sed 's/^/sandbox-host books /'
fi
awk '$3 == "manual" { print $1 }' "$work/rows" | xargs -r pacman -D --asexplicit >/dev/null 2>&1
awk '$3 == "auto" { print $1 }' "$work/rows" | xargs -r pacman -D --asdeps >/dev/null 2>&1
find /var/cache/pacman/pkg -type f -exec rm -f {} + 2>/dev/null
exit 0
