#!/bin/sh
# Prints the units of systemd that start something, a block each (systemctl(1), show); then NUL, and each service with
# the condition that kept it from its start, which `show` can't print; then NUL, and the cgroup of each process.

systemctl show --all --property=Id,LoadState,ActiveState,SubState,ConditionResult,FragmentPath,Triggers,Listen \
  --property=TimersCalendar,TimersMonotonic,ConditionTimestampMonotonic,InactiveExitTimestampMonotonic \
  '*.service' '*.timer' '*.socket' '*.path'
printf '\0\n'
systemctl status --no-pager --lines=0 --all --state=inactive '*.service' 2>/dev/null | awk '
  $1 !~ /:$/ && $2 ~ /\.service$/ { unit = $2 }
  sub(/ was not met$/, "") { sub(/^[^A-Z]*/, ""); print unit "\t" $0 }'
printf '\0\n'
grep -H -e '^0::' -e ':name=systemd:' /proc/[0-9]*/cgroup 2>/dev/null
exit 0
