#!/bin/sh
# Prints what differs since a shell began, as begin.sh of lifecycle has noted it: settings, and paths of newer files.
#
# $1: the folder with the notes
# $2: the bytes above which a file's content is left out
# $3: a program that prints what users set by a command
# $4: a program that prints all paths that packages own
# $5: a function to call once all is ready, as : for none; what is looked at is as it is from then on
# then: the files and folders of settings
# Prints, each behind `KIND SIZE PATH` and a NUL, the contents of settings: `new` files, what changed ones `was` and are
# `now`; `gone` for those that went, `big` as the size of one that is left out; behind `files 0 ` and a NUL the paths of
# newer files, a NUL behind each and one more at their end, or `unknown` and its NUL where no find is there; then
# `was-set` and `set` with what the program of $3 printed and prints, where that may be another; `lost` for other files
# of packages or of /etc that are gone, but for documents, which many images leave out.
# Exit status: 3 where nothing is noted.
# A file that was changed before it could be copied has no content of before. -nt is of POSIX only since 2024, and of
# dash, busybox and mksh since long before. A find that can't tell when a file's content or name was changed (busybox)
# is asked for its own time, which archives bring along. GNU's finds folders and files in one walk.
#
# Where the sandbox is on overlayfs, and a look is made ready, that walk is made before: GNU's find 4.9 lists the folders
# and what was written since the container's start, which /dev/fd is as old as. Whatever is changed later is among
# these, or new in one of the folders: overlayfs copies a file of the image before it is changed, which the folder above
# is changed by (Linux, fs/overlayfs/copy_up.c). So 800 paths are looked at, and not 6700: 9 ms of work, and not 38.
# Somebody may write to the file of find in place meanwhile, which a program that runs forbids (ETXTBSY in open(2)): so a
# copy of it walks. One that is a link is the shell itself, as busybox.

scratch=$1 largest=$2 state=$3 owned=$4 ready=$5; shift 5
line='
'
newer=-newer walks='' walker=find file=$(command -v find)
if [ "$ready" != : ] && [ -f "$file" ] && [ ! -h "$file" ] && cp "$file" "$scratch/find" 2>/dev/null; then
  if "$scratch/find" "$scratch" -prune >/dev/null 2>&1; then walker=$scratch/find; fi
fi
if [ -z "$file" ]; then newer=
elif "$walker" "$scratch" -prune -cnewer "$scratch" -fprintf /dev/null x >/dev/null 2>&1; then newer=-cnewer walks=one
elif "$walker" "$scratch" -prune -cnewer "$scratch" >/dev/null 2>&1; then newer=-cnewer; fi
# a walk passes over what has type $still and is as it was: sockets, which are told of nowhere, or folders
list=-files0-from listed='' still=s walk=
if [ "$ready" != : ] && [ -n "$walks" ] && [ -h /dev/fd ] && [ -w "$scratch" ] &&
  grep -q '^[^ ]* / overlay .*upperdir=' /proc/mounts && "$walker" "$list" /dev/null 2>/dev/null; then
  rm -f "$scratch/unlisted"
  { "$walker" / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /nix/store \
    -o -path "$scratch" \) -prune -o \( -type d -fstype overlay -o ! -type d \
    \( -cnewer /dev/fd -o ! -fstype overlay \) \) -print0 2>/dev/null || : >"$scratch/unlisted"; } |
    head -c 500001 >"$scratch/paths"
  rm -f "$scratch/find"
  if [ ! -e "$scratch/unlisted" ] && [ "$(wc -c <"$scratch/paths")" -le 500000 ]; then
    listed=1 still=d
  fi
elif [ "$ready" != : ]; then
  # the kernel has by then what the look walks, a part of very many files: a third of its time in a fresh container
  "$walker" / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /nix/store \) -prune -o \
    \( -newer / -o -print \) 2>/dev/null | head -c 2000000 >/dev/null &
  walk=$!
fi
$ready
if [ -n "$walk" ]; then kill "$walk" 2>/dev/null; rm -f "$scratch/find"; fi
[ -e "$scratch/begun" ] || exit 3
emit() {
  size=$(wc -c <"$2") || return
  if [ "$size" -gt "$largest" ]; then printf '%s big %s\0' "$1" "$3"; return; fi
  printf '%s %s %s\0' "$1" "$((size))" "$3" && cat "$2"
}
there='' known=1 number=0 later=-nt
if [ -r "$scratch/there" ]; then
  known=0
  while IFS= read -r file; do
    there=$there$line$file
    if [ -n "$file" ] && [ ! -e "$file" ]; then printf 'gone 0 %s\0' "$file"; fi
  done <"$scratch/there"
fi
for root; do
  old=$scratch/before/$number number=$((number + 1))
  for now in "$root" "$root"/* "$root"/*/*; do
    [ -f "$now" ] || continue
    case $known$there$line in 0*"$line$now$line"* | [!0]*) ;; *) emit new "$now" "$now"; continue ;; esac
    test "$now" "$later" "$scratch/begun" || continue
    was=$old${now#"$root"}
    if [ -e "$scratch/before/done" ] && [ -f "$was" ] && ! test "$was" "$later" "$scratch/begun"; then
      emit was "$was" "$now"
    fi
    emit now "$now" "$now"
  done
done
printf 'files 0 \0'
if [ -z "$newer" ]; then printf 'unknown\0'; exit 0; fi
# most sessions change nothing but what root's home, /run and logs hold, where no manager notes what was set; overlayfs
# changes / and /var, but not their time, where it copies the folder above such a file; and an engine writes its own
# three files as it cuts the network
rm -f "$scratch/failed"
if [ -n "$walks" ]; then
  look() { find "$@" -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /nix/store \
    -o -path "$scratch" \) -prune -o -type "$still" ! $newer "$scratch/begun" -prune -o \
    $newer "$scratch/begun" \( \( -type f -o -type l \) -print0 -o -type d \) \
    ! \( \( -path / -o -path /var \) ! -newer "$scratch/begun" \) ! -path /root ! -path '/root/*' \
    ! -path /run ! -path '/run/*' ! -path /var/log ! -path '/var/log/*' ! -path /var/tmp ! -path '/var/tmp/*' \
    ! -path /etc/hosts ! -path /etc/hostname ! -path /etc/resolv.conf \
    -fprintf "$scratch/other" x -type d ! -path /var ! -path '/var/*' ! -path '/usr/share/*' \
    -fprint "$scratch/changed" 2>/dev/null; }
  { if [ -n "$listed" ]; then look "$list" "$scratch/paths"; else look /; fi || : >"$scratch/failed"; } |
    { head -c 4000000; cat >/dev/null; }
  printf '\0'
  if [ ! -s "$scratch/other" ] && [ ! -e "$scratch/failed" ]; then exit 0; fi
else
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /nix/store \
    -o -path "$scratch" \) -prune -o \
    \( -type f -o -type l \) $newer "$scratch/begun" -print0 2>/dev/null | head -c 4000000
  printf '\0'
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var -o -path /run \
    -o -path /root -o -path /nix/store -o -path '/usr/share/*' -o -path "$scratch" \) -prune -o \
    -type d $newer "$scratch/begun" -print 2>/dev/null >"$scratch/changed"
fi
if [ -e "$scratch/before/done" ]; then
  sh -c "$state" >"$scratch/state" 2>/dev/null
  largest=1000000
  emit was-set "$scratch/before/state" state
  emit set "$scratch/state" state
fi
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
exit 0
