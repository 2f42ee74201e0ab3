#!/bin/sh
# Prints what differs since a shell began, as begin.sh of lifecycle has noted it: settings, and paths of newer files.
#
# $1: the folder with the notes
# $2: the bytes above which a file's content is left out
# $3: a program that prints what users set by a command
# $4: a program that prints all paths that packages own
# then: the files and folders of settings
# Prints, each behind `KIND SIZE PATH` and a NUL, the contents of settings: `new` files, what changed ones `was` and are
# `now`; `gone` for those that went, `big` as the size of one that is left out; `was-set` and
# `set` with what the program of $3 printed and prints; `lost` for other files of packages or of /etc that are gone, but
# for documents, which many images leave out; behind `files 0 ` and a NUL the paths of newer files, a NUL behind each, or `unknown` where no find is there.
# Exit status: 3 where nothing is noted.
# A file that was changed before it could be copied has no content of before. -nt is of POSIX only since 2024, and of
# dash, busybox and mksh since long before. A find that can't tell when a file's content or name was changed (busybox)
# is asked for its own time, which archives bring along.

scratch=$1 largest=$2 state=$3 owned=$4; shift 4
[ -e "$scratch/begun" ] || exit 3
emit() {
  size=$(wc -c <"$2") || return
  if [ "$size" -gt "$largest" ]; then printf '%s big %s\0' "$1" "$3"; return; fi
  printf '%s %s %s\0' "$1" "$((size))" "$3" && cat "$2"
}
number=0 later=-nt line='
'
# several processors: what a user set by a command, and the folders that changed, are found beside the settings
if [ -e "$scratch/before/done" ]; then sh -c "$state" >"$scratch/state" 2>/dev/null & fi
newer=
if command -v find >/dev/null; then
  newer=-cnewer
  find "$scratch" -prune $newer "$scratch" >/dev/null 2>&1 || newer=-newer
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var -o -path /run \
    -o -path /root -o -path /nix/store -o -path '/usr/share/*' \) -prune -o \
    -type d $newer "$scratch/begun" -print 2>/dev/null >"$scratch/changed" &
fi
there=$(cat "$scratch/there" 2>/dev/null)
known=$?
for root; do
  old=$scratch/before/$number number=$((number + 1))
  for now in "$root" "$root"/* "$root"/*/*; do
    [ -f "$now" ] || continue
    case $known$line$there$line in 0*"$line$now$line"* | [!0]*) ;; *) emit new "$now" "$now"; continue ;; esac
    test "$now" "$later" "$scratch/begun" || continue
    was=$old${now#"$root"}
    if [ -e "$scratch/before/done" ] && [ -f "$was" ] && ! test "$was" "$later" "$scratch/begun"; then
      emit was "$was" "$now"
    fi
    emit now "$now" "$now"
  done
done
printf '%s\n' "$there" | while IFS= read -r file; do
  if [ -n "$file" ] && [ ! -e "$file" ]; then printf 'gone 0 %s\0' "$file"; fi
done
wait
if [ -e "$scratch/state" ]; then
  largest=1000000
  emit was-set "$scratch/before/state" state
  emit set "$scratch/state" state
fi
if [ -z "$newer" ]; then printf 'files 0 \0unknown\0'; exit 0; fi
if [ -s "$scratch/changed" ]; then
  command -v awk >/dev/null || awk() { cat "$3"; }
  { sh -c "$owned" 2>/dev/null; cat "$scratch/before/etc" 2>/dev/null; } | awk '
    FNR == NR { folders[$0]; next }
    { folder = $0; sub("/[^/]*$", "", folder) }
    folder in folders || ("/usr" folder) in folders
  ' "$scratch/changed" - |
    while IFS= read -r file; do
      if [ ! -e "$file" ] && [ ! -h "$file" ]; then printf 'lost 0 %s\0' "$file"; fi
    done | head -c 100000
fi
printf 'files 0 \0'
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /nix/store \) -prune -o \
  \( -type f -o -type l \) $newer "$scratch/begun" -print0 2>/dev/null | head -c 4000000
exit 0
