"""What was done by hand beside packages, as commands that do it elsewhere, and as the parts of the install script.

A file that is there and differs is never overwritten: that is an error, before anything else is done.
"""

from __future__ import annotations

import base64
import re
import shlex
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import UsageError
from sandbox.managers.config_files import SERVICE, is_valid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.protocol import Argv
    from sandbox.promote.formats.base import Promotion

HOME: Final = "/root/"
"""Settings below it are a user's own: on a host they go into the home of who installs."""

PLACE_HOLDER: Final = re.compile(r"@([A-Z]+)@")
PLACE: Final = r"""
path=$1
case $path in /root/*) path=${HOME:-/root}/${path#/root/} ;; esac
""".strip()
PUT: Final = rf"""
{PLACE}
content() {{ printf '%s' "$content"MORE; }}
content=$2
if [ -e "$path" ]; then
    [ "$(content | cksum)" = "$(cksum <"$path")" ] || {{ echo "$path is there already, and differs" >&2; exit 1; }}
else
    mkdir -p "${{path%/*}}" && content >"$path" && chmod 644 "$path"
fi
""".strip()
"""Writes the file $1 with the content $2; fails where another is there."""
ADD: Final = rf"""
{PLACE}
shift
for line; do
    grep -qsxF -e "$line" "$path" || {{ mkdir -p "${{path%/*}}" && printf '%s\n' "$line" >>"$path"; }} || exit
done
""".strip()
"""Adds the lines "$@" behind the first word to the file $1, those that it has not."""
ENABLE: Final = r"""
for service; do
    if command -v systemctl >/dev/null; then systemctl enable "$service"
    elif command -v rc-update >/dev/null; then rc-update add "${service%.service}" default
    elif command -v update-rc.d >/dev/null; then update-rc.d "${service%.service}" enable
    elif [ -d /etc/runit ]; then ln -sf "/etc/sv/$service" /etc/runit/runsvdir/default/
    else echo "nothing here starts services: $service" >&2; fi || exit
done
""".strip()
"""Has the services "$@" started at boot, by what the machine has for it."""


def valid_settings(promotion: Promotion) -> tuple[ConfigChange, ...]:
    """Return the settings, each held to the manager's own places, since they may come from a file.

    Raise UsageError for one that is none of them, or a service that has no name of one.
    """
    for setting in promotion.settings:
        if not is_valid(setting, promotion.target.manager):
            message = f"{plain_line(setting.path, 80)} is no file of {promotion.target.manager}'s settings"
            raise UsageError(message, hints=["sandbox promote --without NAME"])
    for service in promotion.services:
        if not SERVICE.fullmatch(service):
            message = f"{plain_line(service, 80)} is no name of a service"
            raise UsageError(message, hints=["sandbox promote --without NAME"])
    return promotion.settings


def write_setting_argv(setting: ConfigChange) -> Argv:
    """Return the argv that writes a setting; it changes nothing where that is there already."""
    text = setting.text
    if setting.added:
        return ("sh", "-c", ADD, "sh", setting.path, *(text or "").splitlines())
    if text is not None:
        return ("sh", "-c", PUT.replace("MORE", ""), "sh", setting.path, text)
    coded = base64.b64encode(setting.content).decode()
    return ("sh", "-c", PUT.replace("MORE", " | base64 -d"), "sh", setting.path, coded)


def enable_services_argv(services: Sequence[str]) -> Argv:
    """Return the argv that has services started at boot."""
    return ("sh", "-c", ENABLE, "sh", *services)


FUNCTIONS: Final = r"""
settings=$state.settings # what of them this script has written, as `file`, `lines`, `made` PATH and `service NAME`
services=@SERVICES@
newline='
'

@CONTENTS@place() { # of a file: what is below root's home is the user's own
    case $1 in /root/*) printf '%s\n' "$HOME/${1#/root/}" ;; *) printf '%s\n' "$1" ;; esac
}

each_setting() { # a function with the number, the kind and the path of each
@ROWS@}

lacking() { # the lines of a setting that a file has not
    "setting_$1" | while IFS= read -r line; do
        grep -qsxF -e "$line" "$2" || printf '%s\n' "$line"
    done
}

stands() { # whether a setting is on this host
    [ -f "$3" ] || return 1
    if [ "$2" = lines ]; then [ -z "$(lacking "$1" "$3")" ]; else [ "$("setting_$1" | cksum)" = "$(cksum <"$3")" ]; fi
}

look_at() {
    if stands "$@"; then return 0; fi
    if [ "$2" = file ] && [ -e "$3" ]; then fail "$3 is there already, and differs: nothing was changed"; fi
    unset="$unset $3"
}

note_setting() { printf '%s\n' "$1" | { $root tee -a "$settings" >/dev/null; }; }

write_one() {
    if stands "$@"; then return 0; fi
    say "+ ${root:+$root }tee $3"
    [ "$dry_run" = no ] || return 0
    $root mkdir -p "$folder" "${3%/*}"
    if [ "$2" = lines ]; then
        [ -e "$3" ] || note_setting "made $3"
        lacking "$1" "$3" | { $root tee -a "$3" >/dev/null; }
    else
        "setting_$1" | { $root tee "$3" >/dev/null; } && $root chmod 644 "$3"
    fi
    note_setting "$2 $3"
}

take_one() { # what this script has written and nobody has changed since
    grep -qsxF "$2 $3" "$settings" || return 0
    if ! stands "$@"; then say "stays: $3, since it was changed meanwhile"; return 0; fi
    say "+ ${root:+$root }rm $3${2#file}"
    [ "$dry_run" = no ] || return 0
    if [ "$2" = file ]; then $root rm -f "$3"; return 0; fi
    rest=$("setting_$1" | grep -vxF -f - "$3") || rest=
    if [ -z "$rest" ] && grep -qxF "made $3" "$settings"; then $root rm -f "$3"; return 0; fi
    printf '%s' "$rest${rest:+$newline}" | { $root tee "$3" >/dev/null; }
}

at_boot() { # whether a service is to start there: enable or disable, and its name; by what this host has for it
    if command -v systemctl >/dev/null; then run systemctl "$1" "$2"
    elif command -v rc-update >/dev/null && [ "$1" = enable ]; then run rc-update add "${2%.service}" default
    elif command -v rc-update >/dev/null; then run rc-update del "${2%.service}" default
    elif command -v update-rc.d >/dev/null; then run update-rc.d "${2%.service}" "$1"
    elif [ -d /etc/runit ] && [ "$1" = enable ]; then run ln -sf "/etc/sv/$2" /etc/runit/runsvdir/default/
    elif [ -d /etc/runit ]; then run rm -f "/etc/runit/runsvdir/default/$2"
    else false; fi || { say "warning: this host did not $1 $2" >&2; return 1; }
}

starts() { command -v systemctl >/dev/null && systemctl is-enabled -q "$1" 2>/dev/null; }

with_settings() { # what was asked for, with the settings before it and the services behind it
    unset=
    case $action in
    install)
        each_setting look_at
        if [ -n "$unset" ]; then
            find_missing
            confirm "Write$unset${missing:+, and install$missing}?" :
            ask=no
            find_root
            each_setting write_one
        fi
        install
        for service in $services; do
            if starts "$service"; then continue; fi
            find_root
            if at_boot enable "$service" && [ "$dry_run" = no ]; then
                $root mkdir -p "$folder"
                note_setting "service $service"
            fi
        done
        ;;
    uninstall)
        if [ -r "$settings" ]; then
            find_root
            for service in $services; do
                if grep -qxF "service $service" "$settings"; then at_boot disable "$service" || true; fi
            done
        fi
        uninstall
        if [ -r "$settings" ]; then
            each_setting take_one
            if [ "$dry_run" = no ]; then
                $root rm -f "$settings"
                $root rmdir "$folder" 2>/dev/null || true
            fi
        fi
        ;;
    *)
        each_setting look_at
        say "to write:${unset:- nothing}"
        "$action"
        ;;
    esac
}
""".strip()


def shell_functions(settings: Sequence[ConfigChange], services: Sequence[str]) -> str:
    """Return the script's part that brings settings and services about, and takes back what it brought."""
    rows = "".join(
        f'    "$1" {number} {"lines" if setting.added else "file"} "$(place {shlex.quote(setting.path)})"\n'
        for number, setting in enumerate(settings, 1)
    )
    values = {
        "SERVICES": shlex.quote(" ".join(services)),
        "CONTENTS": "".join(_content(number, setting) for number, setting in enumerate(settings, 1)),
        "ROWS": rows or "    :\n",
    }
    return f"{PLACE_HOLDER.sub(lambda place: values[place[1]], FUNCTIONS)}\n\n"


def _content(number: int, setting: ConfigChange) -> str:
    """Return the function that prints a setting: a here-document, in base64 where it is no plain text."""
    text = setting.text
    if text is None:
        lines = base64.encodebytes(setting.content).decode().rstrip("\n")
        return f"setting_{number}() {{ # {setting.path}\n    base64 -d <<'END'\n{lines}\nEND\n}}\n\n"
    end = "END"
    while end in text.splitlines():
        end += "_"
    return f"setting_{number}() {{ # {setting.path}\n    cat <<'{end}'\n{text}{end}\n}}\n\n"
