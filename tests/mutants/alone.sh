#!/bin/sh
# alone.sh FOLDER PROGRAM ...: run a program that can write in FOLDER alone, sees no process but its own and no engine.
# What is made wrong on purpose may remove, overwrite or kill what it should not: it finds nothing here. It needs root;
# with alone.sh all that it has started ends. The status is the program's.
set -eu
if [ "$$" != 1 ]; then
    exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi
folder=$1
shift
mount --bind "$folder" "$folder"
cut -d ' ' -f 5 /proc/self/mountinfo | while read -r place; do
    case $place in
        /proc | "$folder") ;;
        *) mount -o remount,bind,ro "$place" 2>/dev/null || : ;;
    esac
done
mount -t tmpfs none /run
mount -t tmpfs none /dev/shm
if (: >"/alone-$$") 2>/dev/null; then
    echo "alone.sh: / can still be written" >&2
    exit 1
fi
mkdir -p "$folder/home" "$folder/tmp"
export HOME="$folder/home" TMPDIR="$folder/tmp"
cd "$folder"
# not exec: the first process does not die of signals, and tests send some
"$@"
