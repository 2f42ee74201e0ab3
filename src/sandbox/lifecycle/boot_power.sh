#!/bin/sh
# PID 1 of a sandbox that boots by --allow boot: gives it a cgroup of its own to write, and goes on without the power.
#
# $1: the program of PID 1. It runs in a cgroup namespace of its own (cgroup_namespaces(7)), so that nothing outside the
# sandbox's own cgroup is in what it mounts. CAP_SYS_ADMIN is gone from the bounding set before anything of a package
# is there, so that no process below it can have it again (capabilities(7)).

cd /
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -o remount,rw,bind /sys/fs/cgroup
else
  mount -t tmpfs -o mode=755,size=4m,nosuid,nodev,noexec tmpfs /sys/fs/cgroup &&
    mkdir /sys/fs/cgroup/systemd &&
    mount -t cgroup -o none,name=systemd,xattr,nosuid,nodev,noexec cgroup /sys/fs/cgroup/systemd
fi || exit 125
exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin /bin/sh -c "$1"
