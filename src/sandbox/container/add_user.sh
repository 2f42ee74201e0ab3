#!/bin/sh
# Adds a user without privileges, and does as root what shell.sh does of that: notes that a shell begins.
#
# $1: the scratch folder
# $2: what is known of the sandbox, empty for nothing
# $3: the text of the command promote
# $4, $5: the user and the group, a number or a name each, and each empty for any; for any user the one is taken that was
# added before, and a number that no user has is added
# Prints the user's name: try, or with an x behind it for each one that is there; and :GROUP where the group is given.
# Then its home, where the user may enter that.
# Exit status: 3 for a name that no user has, 4 for one that no group has; then it prints the names that there are.
# In sh, cat, grep, stat, mkdir, chmod and chown alone, since minimal images have no useradd.

names() { while IFS=: read -r one _; do echo "$one"; done <"$1"; }
is_wanted() {
  case $4 in
    '') [ "$about" = sandbox ] && [ "$folder" = "/home/$user" ] && [ "$uid" -gt 0 ] ;;
    *[!0-9]*) [ "$user" = "$4" ] ;;
    *) [ "$uid" = "$4" ] ;;
  esac
}
name='' home='' id=${4:-1000} gid=$5
while IFS=: read -r user _ uid _ about folder _; do
  if is_wanted "$@"; then
    name=$user id=$uid home=$folder
    break
  fi
done </etc/passwd
case $4 in *[!0-9]*) if [ -z "$name" ]; then names /etc/passwd; exit 3; fi ;; esac
case $5 in *[!0-9]*)
  gid=''
  while IFS=: read -r group _ number _; do
    if [ "$group" = "$5" ]; then gid=$number; fi
  done </etc/group
  if [ -z "$gid" ]; then names /etc/group; exit 4; fi
  ;;
esac
if [ -z "$name" ]; then
  name=try
  while grep -q "^$name:" /etc/passwd; do name=${name}x; done
  if [ -z "$4" ]; then
    while grep -q "^[^:]*:[^:]*:$id:" /etc/passwd /etc/group; do id=$((id + 1)); done
  fi
  gid=${gid:-$id} home=/home/$name
  echo "$name:x:$id:$gid:sandbox:$home:/bin/sh" >>/etc/passwd
  grep -q "^[^:]*:[^:]*:$gid:" /etc/group || echo "$name:x:$gid:" >>/etc/group
  mkdir -p "$home" && chown "$id:$gid" "$home" || exit 1
fi
cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control >"$1/kills" 2>/dev/null
: >"$1/begun" &&
  { [ -z "$2" ] || printf '%s' "$2" >"$1/known"; } &&
  printf '%s' "$3" >"$1/promote" && chmod 755 "$1/promote" && echo "$name${5:+:$5}" || exit 1
stat -c '%A %u' "$home/" 2>/dev/null | {
  read -r mode owner
  case $mode,$owner in d????????[xt]* | d*",$id") echo "$home" ;; esac
}
