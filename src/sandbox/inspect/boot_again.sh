#!/bin/sh
# Stops what a boot begins behind its first target, and lets systemd begin it as a boot does (bootup(7)): a container
# that starts again would lose its lifeline. What runs before sysinit.target runs on. Seconds are those of a host's boot.

units=/run/systemd/system
printf '[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\nAllowIsolate=yes\n' >"$units/sandbox-rest.target"
systemctl daemon-reload
timeout 60 systemctl isolate sandbox-rest.target
systemctl reset-failed
timeout 60 systemctl isolate default.target
timeout 60 systemctl is-system-running --wait
exit 0
