#!/bin/sh
# Print what programs here need and a sandbox with a display lacks: a kind and a name a line.

find_command() { # prints the command that starts what is in the folder $1
    name=${1##*/}
    command -v "$name" >/dev/null && printf '%s\n' "$name" && return
    for link in /usr/bin/* /usr/local/bin/*; do
        [ -L "$link" ] || continue
        case $(readlink -f "$link") in "$1"/*) printf '%s\n' "${link##*/}" && return ;; esac
    done
    printf '%s\n' "$name"
}

# Chromium, and programs on Electron or CEF, have this file beside their own program
for pack in /usr/lib/*/chrome_100_percent.pak /usr/lib64/*/chrome_100_percent.pak /usr/share/*/chrome_100_percent.pak \
    /opt/*/chrome_100_percent.pak /opt/*/*/chrome_100_percent.pak; do
    [ -f "$pack" ] && printf 'chromium %s\n' "$(find_command "${pack%/*}")"
done
schemas=/usr/share/glib-2.0/schemas
for schema in "$schemas"/org.gnome.[A-Z]*.gschema.xml; do
    [ -f "$schema" ] || continue
    [ -f "$schemas/org.gnome.desktop.interface.gschema.xml" ] && break
    schema=${schema##*/}
    printf 'schemas %s\n' "${schema%.gschema.xml}"
done
for service in /usr/share/dbus-1/system-services/*.service; do
    [ -f "$service" ] || continue
    service=${service##*/}
    printf 'bus %s\n' "${service%.service}"
done
for policy in /usr/share/polkit-1/actions/*.policy; do
    [ -f "$policy" ] || continue
    policy=${policy##*/}
    printf 'polkit %s\n' "${policy%.policy}"
done
exit 0
