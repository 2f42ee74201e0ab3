#!/bin/sh
# As a tool that updates itself: cron, a timer of its own, and a hook of apt.
set -e
printf '#!/bin/sh\nexit 0\n' >/usr/local/sbin/labupdate
chmod 755 /usr/local/sbin/labupdate
echo '17 4 * * * root /usr/local/sbin/labupdate --quiet' >/etc/cron.d/labupdate
printf '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n' >/etc/systemd/system/labupdate.timer
printf '[Service]\nType=oneshot\nExecStart=/usr/local/sbin/labupdate\n' >/etc/systemd/system/labupdate.service
mkdir -p /etc/systemd/system/timers.target.wants
ln -s ../labupdate.timer /etc/systemd/system/timers.target.wants/labupdate.timer
echo 'DPkg::Post-Invoke {"/usr/local/sbin/labupdate || true";};' >/etc/apt/apt.conf.d/99labupdate
