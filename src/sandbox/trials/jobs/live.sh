#!/bin/sh
# The functions of a script that says a command's output as it comes, in lines that begin with the mark and a dot.
#
# `live NAME` runs a function of the script: its output comes with the letter o, its error stream with e, in base64. The
# function writes to 3 and 5, so that what the shell says of its end is not among these. `look NAME NUMBER` says what one
# prints, compressed where there is gzip.

mark=@MARK@
work=@WORK@
most=@MOST@
mark_lines() { # standard input as lines with the word $1
    while read -r line; do printf '%s.%s %s\n' "$mark" "$1" "$line"; done
}
if printf x | base64 -w 4000 >/dev/null 2>&1; then
    # below 4096 bytes with the mark: two programs that write into one pipe mix what is longer (pipe(7), PIPE_BUF)
    encode() { base64 -w 4000; }
else
    encode() { base64; }
fi
relay() { # standard input as it comes, with the letter $1, until the log has $most bytes of it
    sent=0
    # of dd, since it gives what one read(2) brings: NUL, half a character and what no newline ends come through
    while chunk=$(dd bs=65536 count=1 2>/dev/null | encode) && [ -n "$chunk" ]; do
        for line in $chunk; do
            printf '%s.%s %s\n' "$mark" "$1" "$line"
            sent=$((sent + ${#line} + ${#mark} + 4))
        done
        if [ "$sent" -gt "$most" ]; then
            printf '%s.x %s\n' "$mark" "$1"
            cat >/dev/null
        fi
    done
}
live() {
    since=$(date +%s)
    printf '%s.b\n' "$mark"
    { { { "$1" 4>&-; echo $? >"$work/status"; } 5>&1 | relay e >&4 3>&-; } 3>&1 | relay o >&4; } 4>&1
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
