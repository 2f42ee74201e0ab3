#!/bin/sh
# As a monitoring agent: a user, a daemon in /usr/local/bin, a unit written and enabled by hand, a directory of state.
set -e
case $1 in
  --uninstall)
    rm -f /etc/systemd/system/labagent.service /etc/systemd/system/multi-user.target.wants/labagent.service
    rm -f /usr/local/bin/labagent
    echo "labagent is removed"  # and forgets its user, its state and the log's rotation
    exit 0 ;;
esac
useradd --system --home-dir /var/lib/labagent --shell /usr/sbin/nologin labagent
mkdir -p /var/lib/labagent
chown labagent /var/lib/labagent
printf 'id=1\n' >/var/lib/labagent/state
printf '#!/bin/sh\nexec sleep 44444\n' >/usr/local/bin/labagent
chmod 755 /usr/local/bin/labagent
printf '/var/log/labagent.log {\n  weekly\n}\n' >/etc/logrotate.d/labagent
cat >/etc/systemd/system/labagent.service <<U
[Unit]
Description=lab agent
[Service]
ExecStart=/usr/local/bin/labagent
User=labagent
[Install]
WantedBy=multi-user.target
U
mkdir -p /etc/systemd/system/multi-user.target.wants
ln -s /etc/systemd/system/labagent.service /etc/systemd/system/multi-user.target.wants/labagent.service
