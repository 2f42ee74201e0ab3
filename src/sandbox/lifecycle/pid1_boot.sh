#!/bin/sh
# PID 1 of a throwaway sandbox that boots: lives as long as its stdin, the lifeline, and becomes /sbin/init by SIGUSR1.
#
# Exit status: as of pid1_session.sh. An init does not read its stdin, so a child that is older than it does: at the
# end of stdin it kills every process, and asks systemd to power off at once (SIGRTMIN+14 is 48 in glibc; systemd(1)).
# Packages run as root beside that child, and could kill it: so a unit reads the same pipe, and where that unit ends,
# by whatever, systemd powers off, which nothing in the sandbox can kill. Names of units in /run go with the sandbox.

trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
exec 3<&0 </dev/null
(
  trap - HUP INT TERM
  cat <&3 >/dev/null
  kill -KILL -1
  kill -48 1
) &
keeper=$!
exec 3<&-
begin=
trap 'begin=1' USR1
while kill -0 "$keeper" 2>/dev/null; do
  wait "$keeper"
  if [ "$begin" ]; then
    units=/run/systemd/system
    mkdir -p "$units/sysinit.target.wants"
    # without the power to mount it would fail, and /tmp is there (systemd 257 of trixie)
    ln -sf /dev/null "$units/tmp.mount"
    cat >"$units/sandbox-lifeline.service" <<END
[Unit]
Description=End this boot when sandbox is gone
DefaultDependencies=no
IgnoreOnIsolate=yes
RefuseManualStop=yes
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
ExecStart=/bin/cat /proc/$keeper/fd/3
StandardOutput=null
StandardError=null
END
    ln -sf ../sandbox-lifeline.service "$units/sysinit.target.wants/"
    export container="${container:-docker}"
    exec /sbin/init
  fi
done
exit 0
