#!/bin/sh
# The functions of a script that says a command's output as it comes, in lines that begin with the mark and a dot.
#
# `live NAME` runs a function of the script: its output comes with the letter o, its error stream with e; the last line
# with O or E where no newline ends it. The function writes to 3 and 5, so that what the shell says of its end is not
# among these. `look NAME NUMBER` says what one prints, compressed where there is gzip.

mark=@MARK@
work=@WORK@
mark_lines() { # standard input as lines with the word $1
    while read -r line; do printf '%s.%s %s\n' "$mark" "$1" "$line"; done
}
relay() { # standard input as lines with the letter $1, and $2 for what no newline ends
    while IFS= read -r line; do say_line "$1" "$2"; done
    [ -z "$line" ] || say_line "$2" "$2"
}
say_line() { # in parts: Docker cuts a line of 16 KiB in two, and the second would have no mark
    while [ "${#line}" -gt 4000 ]; do
        part=$(printf '%.4000s' "$line")
        printf '%s.%s %s\n' "$mark" "$2" "$part"
        line=${line#"$part"}
    done
    printf '%s.%s %s\n' "$mark" "$1" "$line"
}
live() {
    since=$(date +%s)
    printf '%s.b\n' "$mark"
    { { { "$1" 4>&-; echo $? >"$work/status"; } 5>&1 | relay e E >&4 3>&-; } 3>&1 | relay o O >&4; } 4>&1
    say "ended $1 $(cat "$work/status") $(($(date +%s) - since)) 0 0"
    say "said $1"
}
look() {
    if command -v gzip >/dev/null 2>&1; then
        "$1" 2>/dev/null | gzip -c | base64 | mark_lines "$2z"
    else
        "$1" 2>/dev/null | base64 | mark_lines "$2p"
    fi
}
