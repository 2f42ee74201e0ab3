#!/bin/sh
# Adds a user without privileges, and does as root what shell.sh does of that: notes that a shell begins.
#
# $1: the scratch folder
# $2: what is known of the sandbox, empty for nothing
# $3: the text of the command promote
# $4, $5: its uid and gid, each empty for any; a user who has that uid already is taken, or for any uid the one that was
# added before
# Prints the user's name: try, or with an x behind it for each one that is there; and :GID where the gid is given.
# In sh, cat, grep, mkdir, chmod and chown alone, since minimal images have no useradd.

name='' home='' id=${4:-1000} gid=$5
while IFS=: read -r user _ uid _ about folder _; do
  if [ "$uid" = "$4" ] || { [ -z "$4" ] && [ "$about" = sandbox ] && [ "$folder" = "/home/$user" ] && [ "$uid" -gt 0 ]; }; then
    name=$user home=$folder
    break
  fi
done </etc/passwd
if [ -z "$name" ]; then
  name=try
  while grep -q "^$name:" /etc/passwd; do name=${name}x; done
  if [ -z "$4" ]; then
    while grep -q "^[^:]*:[^:]*:$id:" /etc/passwd /etc/group; do id=$((id + 1)); done
  fi
  gid=${5:-$id} home=/home/$name
  echo "$name:x:$id:$gid:sandbox:$home:/bin/sh" >>/etc/passwd
  grep -q "^[^:]*:[^:]*:$gid:" /etc/group || echo "$name:x:$gid:" >>/etc/group
  mkdir -p "$home" && chown "$id:$gid" "$home" || exit 1
fi
cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control >"$1/kills" 2>/dev/null
: >"$1/begun" &&
  { [ -z "$2" ] || printf '%s' "$2" >"$1/known"; } &&
  printf '%s' "$3" >"$1/promote" && chmod 755 "$1/promote" && echo "$name${5:+:$5}"
