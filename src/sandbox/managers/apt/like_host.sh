#!/bin/sh
# Makes the packages of a sandbox those of a host, in their versions where the repositories have them.
#
# Where they no longer have one, dpkg's books say of it what the host's say, so that apt answers as on the host; its
# files are those of the version that came, or none.
#
# Standard input: for each package its name, version, `manual` or `auto`, and `hold` or `free`; an empty line; the
# records of the host's books. $@: options of apt-get.
# Says of each that could not be had so `sandbox-host`, a word and its name. Exit status: 1 where apt could do nothing.

set -f
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cat >"$work/all"
sed '/^$/,$d' "$work/all" >"$work/rows"
sed '1,/^$/d' "$work/all" >"$work/records"

get() {
    words=$1
    shift
    # one call, whose names fit together: 1500 have some 45,000 characters
    xargs -r -s 1000000 apt-get "$@" -y --no-install-recommends --allow-downgrades --allow-change-held-packages \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install <"$words"
}

# Installs the packages in the file $1; halves the list where they do not fit together, down to the ones that do not.
take() {
    list=$1
    shift
    [ -s "$list" ] || return 0
    if get "$list" -s "$@" >"$work/said" 2>&1; then
        get "$list" "$@" || dpkg --configure -a </dev/null || :
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

cut -d ' ' -f 1 "$work/rows" | xargs -r apt-cache madison 2>/dev/null | tr -d ' ' >"$work/there"
dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' | sed -n 's/^.i *//p' >"$work/had"
awk -v here="$work/had" -v there="$work/there" '
BEGIN {
    while ((getline line <here) > 0) { split(line, w, " "); had[w[1]] = w[2] }
    while ((getline line <there) > 0) { split(line, w, "|"); some[w[1]] = 1; exact[w[1] "=" w[2]] = 1 }
}
$1 in had && had[$1] == $2 { next }
exact[$1 "=" $2] { print $1 "=" $2; next }
$1 in had { print "sandbox-host other " $1 >"/dev/stderr"; next }
some[$1] { print $1; print "sandbox-host other " $1 >"/dev/stderr"; next }
{ print "sandbox-host missing " $1 >"/dev/stderr" }' "$work/rows" >"$work/exact" 2>"$work/notes"
cat "$work/notes"

if get "$work/exact" -s "$@" >/dev/null 2>&1; then
    take "$work/exact" "$@"
else
    # A mirror that has some of the versions alone: then the newest of all, which fit together.
    sed -n 's/^\(.*\)=.*/sandbox-host other \1/p' "$work/exact"
    sed 's/=.*//' "$work/exact" >"$work/names"
    take "$work/names" "$@"
fi

# A script that fails would make apt refuse whatever comes later: it is said, and the package counts as set up.
broken() { dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' | sed -n 's/^i[UFHtW] *//p'; }
if [ -n "$(broken)" ]; then
    dpkg --configure -a </dev/null || :
    for name in $(broken); do
        echo "sandbox-host broken ${name%%:*}"
        for place in "/var/lib/dpkg/info/$name.postinst" "/var/lib/dpkg/info/${name%%:*}.postinst"; do
            [ ! -e "$place" ] || printf '#!/bin/sh\nexit 0\n' >"$place"
        done
    done
    dpkg --configure -a </dev/null || exit 1
fi

# What the base has and the host has not goes, but for what others need.
cut -d ' ' -f 1 "$work/rows" | sort >"$work/wanted"
extra() { dpkg-query -W -f '${Package}\n' | sort -u | comm -23 - "$work/wanted"; }
for _ in 1 2 3; do
    for name in $(extra); do dpkg --purge "$name" >/dev/null 2>&1 </dev/null || :; done
done
extra >"$work/extra"

# The books: records of packages in another version, or that are not there, are the host's; those of packages that
# only this other version needs go. With libnode108 of Debian's nodejs beside the record of another one, apt did
# nothing more: "libnode108 : Conflicts: nodejs-legacy".
books=/var/lib/dpkg/status
cp "$books" "$work/own" || exit
dpkg-query -W -f '${Package} ${Version}\n' >"$work/has"
awk 'FILENAME == ARGV[1] { has[$1 " " $2] = 1; next } !(($1 " " $2) in has) { print $1 }' "$work/has" "$work/rows" >"$work/differ"
: >"$work/none"

# Writes the books without the records of the packages in the file $1; fails where apt can't work with them.
write() {
    awk -v differ="$work/differ" -v gone="$1" '
    BEGIN {
        while ((getline name <differ) > 0) want[name] = 1
        while ((getline name <gone) > 0) out[name] = 1
        RS = ""; ORS = "\n\n"
    }
    { match($0, /(^|\n)Package: [^\n]+/); name = substr($0, RSTART, RLENGTH); sub(/^\n?Package: /, "", name) }
    FILENAME == ARGV[1] { if (name in want) theirs[name] = $0; next }
    name in theirs || name in out { next }
    { print }
    END { for (name in theirs) print theirs[name] }' "$work/records" "$work/own" >"$work/books"
    [ -s "$work/books" ] && cat "$work/books" >"$books" && apt-get check >/dev/null 2>&1
}

kept=kept
if [ -s "$work/differ" ]; then
    if write "$work/extra"; then
        kept=unlisted
    elif ! write "$work/none"; then
        cat "$work/own" >"$books"
        sed 's/^/sandbox-host books /' "$work/differ"
    fi
fi
sed "s/^/sandbox-host $kept /" "$work/extra"

awk '$3 == "manual" { print $1 }' "$work/rows" | xargs -r apt-mark manual >/dev/null 2>&1
awk '$3 == "auto" { print $1 }' "$work/rows" | xargs -r apt-mark auto >/dev/null 2>&1
awk '$4 == "hold" { print $1 }' "$work/rows" | xargs -r apt-mark hold >/dev/null 2>&1
apt-get clean
exit 0
