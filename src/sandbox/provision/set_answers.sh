#!/bin/sh
# Answers debconf's questions, and looks whether a package that is there asks them otherwise.
#
# $1: `set`, or `check` to look only
# standard input: a line each, PACKAGE QUESTION TYPE VALUE
# Exit status: 0 where all are set and fit; 1 where a question is of another type, or has no such choice.
#
# A question that a package brought has a description, one that was only answered has none (debconf-devel(7)). debconf
# takes an answer of any type with status 0.

lines=$(cat)
cd /var/cache/debconf 2>/dev/null || { echo "this image has no debconf"; exit 1; }
[ "$1" = check ] || printf '%s\n' "$lines" | debconf-set-selections || exit 1
command -v awk >/dev/null || exit 0
printf '%s\n' "$lines" | awk '
    FILENAME != "-" && /^$/ { name = "" }
    FILENAME != "-" && /^Name: / { name = substr($0, 7) }
    FILENAME != "-" && /^Description: / { brought[name] = 1 }
    FILENAME != "-" && /^Type: / { type[name] = substr($0, 7) }
    FILENAME != "-" && /^Choices: / && !(name in plain) { choices[name] = substr($0, 10) }
    FILENAME != "-" && /^Choices-C: / { plain[name] = choices[name] = substr($0, 12) }
    FILENAME == "-" && brought[$2] && type[$2] != $3 { say($2 " is a " type[$2] ", not a " $3) }
    FILENAME == "-" && brought[$2] && type[$2] == "select" && $3 == "select" && choices[$2] != "" && choices[$2] !~ /\$\{/ {
        value = $0
        sub(/^[^ ]+ [^ ]+ [^ ]+ ?/, "", value)
        if (index(", " choices[$2] ", ", ", " value ", ") == 0) say($2 " has no choice \"" value "\", but " choices[$2])
    }
    function say(text) { print text; failed = 1 }
    END { exit failed }' templates.dat -
