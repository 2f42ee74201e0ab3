#!/bin/sh
# Writes files of a package manager's settings, with mode 644; one that is there with other content is left as it is.
#
# $@: for each a kind, its path, and its content in base64. A `file` is written whole; of `lines`, those that it has not.
# Exit status: 0 where all are there; 1 where another file is, or one can't be written.

put() {
    if [ "$1" = lines ]; then
        printf %s "$3" | base64 -d | while IFS= read -r line; do
            grep -qsxF -e "$line" "$2" || printf '%s\n' "$line" >>"$2" || exit
        done
    elif [ -e "$2" ]; then
        [ "$(printf %s "$3" | base64 -d | cksum)" = "$(cksum <"$2")" ] || { echo "$2 is there already, and differs"; exit 1; }
    else
        printf %s "$3" | base64 -d >"$2" && chmod 644 "$2"
    fi
}

umask 022
while [ $# -gt 0 ]; do
    mkdir -p "${2%/*}" && put "$1" "$2" "$3" || exit
    shift 3
done
