#!/bin/sh
# A function for other programs: begin FOLDER ROOTS STATE notes that a shell begins, and which files there are of the
# settings (files and folders, a word each), so that it can be told later what was changed in it.
#
# FOLDER gets `begun`, by its time; `there`, the paths of the files; and beside the shell `before/0` and so on, a copy of
# each root; `before/state`, what the program STATE prints; `before/done` once these are there; and `before/etc`, the
# paths of /etc. Prints nothing; does nothing where it has begun before.
#
# What is beside the shell gives way to it: it takes 15 ms of a processor, while the shell and the engine need both.

begin() {
  [ -d "$1" ] || mkdir "$1"
  if [ ! -w "$1" ] || [ -e "$1/begun" ]; then return 0; fi
  : >"$1/begun"
  for root in $2; do
    for file in "$root" "$root"/* "$root"/*/*; do if [ -f "$file" ]; then printf '%s\n' "$file"; fi; done
  done >"$1/there"
  command -v nice >/dev/null 2>&1 || nice() { shift 2 && "$@"; }
  ( nice -n 10 sh -s -- "$1" "$2" "$3" >/dev/null 2>&1 <<'END' & )
exec 3</dev/null
folder=$1 roots=$2 state=$3 number=0
mkdir "$folder/before" && for root in $roots; do
  if [ -e "$root" ]; then cp -Rp "$root" "$folder/before/$number" || exit; fi
  number=$((number + 1))
done && sh -c "$state" >"$folder/before/state" <&3
: >"$folder/before/done"
find /etc -xdev \( -type f -o -type l \) -print <&3 | head -c 500000 >"$folder/before/etc.new" &&
  mv "$folder/before/etc.new" "$folder/before/etc" <&3
END
}
