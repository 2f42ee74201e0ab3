#!/bin/sh
# Makes the packages of a sandbox those of a host, in their versions where the repositories have them.
#
# rpm keeps nothing of a package that was not there: what the repositories no longer have is in another version, or not
# in the sandbox.
#
# Standard input: for each package its name, EPOCH:VERSION-RELEASE, `manual` or `auto`, and `hold` or `free`; an empty
# line. $@: options of dnf.
# Says of each that could not be had so `sandbox-host`, a word and its name. Exit status: 1 where dnf could do nothing.

set -f
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
sed '/^$/,$d' >"$work/rows"
is_five() { dnf --version 2>/dev/null | grep -q dnf5; }
installed() { rpm -qa --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' | grep -v '^gpg-pubkey '; }

# Installs the packages in the file $1; halves the list where they do not fit together, down to the ones that do not.
take() {
    list=$1
    shift
    [ -s "$list" ] || return 0
    # dnf5 takes options of a command behind its name alone
    xargs -r dnf "$@" install -y --setopt=install_weak_deps=False --allowerasing <"$list" && return 0
    if [ "$(wc -l <"$list")" = 1 ]; then return 0; fi
    half=$((($(wc -l <"$list") + 1) / 2))
    head -n "$half" "$list" >"$list"0
    tail -n "+$((half + 1))" "$list" >"$list"1
    (take "${list}0" "$@")
    take "${list}1" "$@"
}

cut -d ' ' -f 1 "$work/rows" | xargs -r dnf -q repoquery --qf '%{name} %{epoch}:%{version}-%{release}\n' 2>/dev/null |
    sed '/^$/d' >"$work/there"
installed >"$work/had"
: >"$work/notes"
: >"$work/older"
awk -v had="$work/had" -v there="$work/there" -v notes="$work/notes" -v older="$work/older" '
BEGIN {
    while ((getline line <had) > 0) { here[line] = 1; split(line, w, " "); name[w[1]] = 1 }
    while ((getline line <there) > 0) { exact[line] = 1; split(line, w, " "); some[w[1]] = 1 }
}
($1 " " $2) in here { next }
($1 " " $2) in exact { print $1 "-" $2 >($1 in name ? older : "/dev/stdout"); next }
$1 in name || $1 in some { print "sandbox-host other " $1 >notes; if (!($1 in name)) print $1; next }
{ print "sandbox-host absent " $1 >notes }' "$work/rows" >"$work/exact"
cat "$work/notes"
take "$work/exact" "$@"
if [ -s "$work/older" ]; then
    take "$work/older" "$@"
    xargs -r dnf "$@" downgrade -y <"$work/older" || :
fi
installed >"$work/had"
awk -v had="$work/had" -v exact="$work/exact" -v older="$work/older" '
BEGIN {
    while ((getline line <had) > 0) here[line] = 1
    while ((getline line <exact) > 0) asked[line] = 1
    while ((getline line <older) > 0) asked[line] = 1
}
(($1 "-" $2) in asked) && !(($1 " " $2) in here) { print "sandbox-host refused " $1 }' "$work/rows"

# What the base has and the host has not goes, but for what others need.
cut -d ' ' -f 1 "$work/rows" | sort >"$work/wanted"
extra() { installed | cut -d ' ' -f 1 | sort -u | comm -23 - "$work/wanted"; }
for _ in 1 2 3; do
    for name in $(extra); do rpm -e "$name" >/dev/null 2>&1 </dev/null || :; done
done
extra | sed 's/^/sandbox-host kept /'

if is_five; then user=user other=dependency; else user=install other=remove; fi
cut -d ' ' -f 1 "$work/had" | sort >"$work/here"
dnf -q repoquery --disablerepo='*' --userinstalled --qf '%{name}\n' 2>/dev/null | sed '/^$/d' | sort -u >"$work/asked"
of() { awk -v kind="$1" '$3 == kind { print $1 }' "$work/rows" | sort | comm -12 - "$work/here"; }
of manual | comm -23 - "$work/asked" | xargs -r dnf -y mark "$user" >/dev/null 2>&1
of auto | comm -12 - "$work/asked" | xargs -r dnf -y mark "$other" >/dev/null 2>&1
dnf clean packages >/dev/null 2>&1
set +f
for file in /etc/dnf/versionlock.toml.of-host /etc/dnf/plugins/*.of-host /etc/yum/pluginconf.d/*.of-host; do
    [ ! -e "$file" ] || mv "$file" "${file%.of-host}"
done
[ ! -e /etc/dnf/excludes.of-host ] || sed -i '/^\[main\]/r /etc/dnf/excludes.of-host' /etc/dnf/dnf.conf
rm -f /etc/dnf/excludes.of-host
exit 0
