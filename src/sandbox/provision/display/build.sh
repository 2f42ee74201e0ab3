#!/bin/sh
# Finish the base of a display, whose packages are installed: what Xvnc and noVNC need of the image.
#
# Debian's package novnc needs Node.js and Python for a server of its own; its pages alone are wanted here.

set -e
cd /tmp
apt-get -qq download novnc
dpkg-deb -x novnc_*.deb novnc
mkdir -p /usr/share/novnc
cp -R novnc/usr/share/novnc/core novnc/usr/share/novnc/vendor /usr/share/novnc
rm -rf novnc novnc_*.deb /var/cache/apt/archives/*.deb
# a new volume gets the mode of the folder in its place
mkdir -p /tmp/.X11-unix
chmod 1777 /tmp/.X11-unix
install -d -m 700 -o nobody -g nogroup /var/lib/display
