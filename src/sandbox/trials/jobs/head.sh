#!/bin/sh
# The functions of a trial's script, which says on its output how each command ended, in lines that begin with a mark.
#
# `step NAME` and `attempt NAME OUT ERR` run a function of the script; `over` is its end.

set -u
mark=@MARK@
work=@WORK@
mkdir -p "$work" && chmod 700 "$work"
say() { printf '%s %s\n' "$mark" "$*"; }
send() { # the file $2, as lines with the letter $1
    base64 <"$2" | while read -r line; do say "$1 $line"; done
}
cut_to() { # the file $1 becomes the last $2 bytes of it
    tail -c "$2" "$1" >"$1.cut" && mv -f "$1.cut" "$1"
}
attempt() { # the command $1; how many bytes of its standard output and error are said
    since=$(date +%s)
    "$1" >"$work/$1.o" 2>"$work/$1.e"
    status=$?
    out=$(($(wc -c <"$work/$1.o"))) err=$(($(wc -c <"$work/$1.e")))
    [ "$out" -le "$2" ] || cut_to "$work/$1.o" "$2"
    [ "$err" -le "$3" ] || cut_to "$work/$1.e" "$3"
    say "ended $1 $status $(($(date +%s) - since)) $out $err"
    send o "$work/$1.o"
    send e "$work/$1.e"
    say "said $1"
    rm -f "$work/$1.o" "$work/$1.e"
    return "$status"
}
step() { # the command $1: what comes behind one that fails is left out
    attempt "$1" @PART@ 0 || {
        over
        exit 0
    }
}
over() {
    say end
    kill -ALRM "$PPID"
}
