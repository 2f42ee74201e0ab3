#!/bin/sh
# As a desktop program: /opt, links to it, a menu entry, and an old-fashioned setuid helper.
set -e
mkdir -p /opt/labapp/bin /opt/labapp/lib
printf '#!/bin/sh\necho labapp\n' >/opt/labapp/bin/labapp
printf 'x\n' >/opt/labapp/lib/liblabapp.so
cp /bin/true /opt/labapp/bin/labapp-helper
chmod 755 /opt/labapp/bin/labapp
chmod 4755 /opt/labapp/bin/labapp-helper
ln -s /opt/labapp/bin/labapp /usr/local/bin/labapp
mkdir -p /usr/share/applications
printf '[Desktop Entry]\nType=Application\nName=Lab\nExec=labapp\n' >/usr/share/applications/labapp.desktop
mkdir -p /etc/xdg/autostart
cp /usr/share/applications/labapp.desktop /etc/xdg/autostart/labapp.desktop
