#!/bin/sh
# PID 1 of a display: Xvnc and a window manager, as long as standard input is open. $1: yes where the clipboard is shared.
#
# Prints R once the display answers and its windows are managed. Nothing listens on a network: X by a socket in the
# volume that the sandbox shares, RFB by one that only this container has.

trap 'exit 143' TERM
trap 'exit 129' HUP
trap 'exit 130' INT
exec 3<&0 </dev/null
umask 077
HOME=/var/lib/display
XAUTHORITY=$HOME/cookie
DISPLAY=:77
export HOME XAUTHORITY DISPLAY
cd "$HOME" || exit 1
cookie=$(mcookie) || exit 1
touch "$XAUTHORITY"
printf 'add %s . %s\n' "$DISPLAY" "$cookie" | xauth -q -f "$XAUTHORITY" source - || exit 1
# ffff, FamilyWild: the sandbox has another host name (Xau(3))
touch /tmp/.X11-unix/cookie && chmod 644 /tmp/.X11-unix/cookie || exit 1
xauth -f "$XAUTHORITY" nlist | sed 's/^..../ffff/' | xauth -q -f /tmp/.X11-unix/cookie nmerge - || exit 1
chmod 644 /tmp/.X11-unix/cookie

clipboard=0
[ "$1" = yes ] && clipboard=1
# Without MIT-SHM: clients in another IPC namespace can't attach to segments, and some draw nothing then.
Xvnc "$DISPLAY" -geometry 1280x800 -depth 24 -auth "$XAUTHORITY" -nolisten tcp -extension MIT-SHM \
    -rfbport -1 -rfbunixpath "$HOME/rfb" -SecurityTypes None -AlwaysShared -desktop sandbox \
    -SendCutText="$clipboard" -AcceptCutText="$clipboard" -SendPrimary="$clipboard" -SetPrimary="$clipboard" \
    >xvnc.log 2>&1 &
server=$!
until [ -S rfb ] && [ -S /tmp/.X11-unix/X77 ]; do
    kill -0 "$server" 2>/dev/null || { cat xvnc.log >&2; exit 1; }
    sleep 0.05
done
# A window that is there before the window manager has no focus, and what is typed is lost: seen once at a load of 20.
# The style's command, which it gives to exec of a shell, runs once it manages the display.
gray=/usr/share/blackbox/styles/Gray
sed "s|^rootCommand: *\(.*\)|rootCommand: sh -c ': >$HOME/managed; exec \1'|" "$gray" >managing
sed "s|$gray|$HOME/managing|" /usr/share/sandbox-display/blackboxrc >blackboxrc
blackbox -rc "$HOME/blackboxrc" >blackbox.log 2>&1 &
manager=$!
looks=0
until [ -e managed ] || [ "$looks" = 200 ] || ! kill -0 "$manager" 2>/dev/null; do
    looks=$((looks + 1))
    sleep 0.05
done
echo R
cat <&3 >/dev/null &
exec 3<&-
wait $!
