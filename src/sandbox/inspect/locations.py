"""What a path says of a file: which kind of finding it is, and of which sort. Pure tables.

What package managers run, fetch from and trust stands in their own data, all else in `place_rules`.

Sources of the sorts: hier(7), file-hierarchy(7).
"""

from __future__ import annotations

import re
from functools import cache
from posixpath import basename
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.inspect.place_rule import FOLDER
from sandbox.inspect.place_rules import OF_MANAGERS, RULES
from sandbox.managers.registry import NAMES, data_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.findings import Kind
    from sandbox.inspect.place_rule import PlaceRule
    from sandbox.managers.data import FindingKind

UNIT_FOLDERS: Final = "(?:(?:usr/)?lib|etc)/systemd/system"

TOPS: Final = (
    *("/etc/", "/usr/etc/", "/usr/local/etc/", "/boot/", "/efi/", "/root/.", "/home/", "/run/udev/"),
    *("/usr/lib/systemd/", "/lib/systemd/", "/usr/local/lib/systemd/", "/usr/lib/udev/", "/lib/udev/"),
    *("/usr/lib/", "/lib/", "/usr/lib64/", "/lib64/", "/usr/local/lib/", "/usr/libexec/", "/opt/", "/usr/src/"),
    *("/usr/share/", "/usr/local/share/", "/usr/logrotate", "/nix/var/nix/profiles/"),
    *("/var/spool/", "/var/lib/"),
)
"""The beginnings of all places that the table knows: most paths have none of them, or are DULL."""
DULL: Final = re.compile(
    r"/usr/share/(?:doc|man|info|locale|icons|fonts|perl5?|perl|python3?|texlive|texmf|texmf-dist|gocode|lintian|bug|vim"
    r"|zoneinfo|help|backgrounds|sounds|themes|terminfo|nmap|i18n|javascript|groff|java|tcltk|mime|pixmaps)/.+"
    r"|/(?:usr/)?lib/python[^/]*/[^/]+/(?!dnf-plugins/)[^/]+/.+|/var/lib/(?:dpkg/info|apt|texmf)/.+",
    re.DOTALL,
)
"""Folders with thousands of files, of which no row says anything: a path there is not looked for in the table."""
WATCHED: Final = (
    *("/etc/", "/usr/etc/", "/usr/local/etc/", "/boot/", "/efi/"),
    *("/usr/lib/systemd/", "/lib/systemd/", "/usr/local/lib/systemd/", "/usr/lib/udev/", "/lib/udev/"),
    *(f"/usr/lib/{name}/" for name in "modprobe.d modules-load.d sysctl.d tmpfiles.d sysusers.d binfmt.d".split()),
    *(f"/usr/lib/{name}/" for name in "environment.d kernel pam.d dracut initcpio depmod.d NetworkManager".split()),
    *(f"/usr/share/{name}/" for name in "dbus-1 polkit-1 initramfs-tools pam-configs libalpm".split()),
    *("/var/spool/cron/", "/usr/lib/dinit.d/"),
)
"""Where programs of the host look for files of anybody: one that no row matches there is unknown."""

SORTS: Final[Mapping[str, str]] = {
    "commands": r"(?:usr/)?(?:local/)?s?bin/.+|usr/games/.+",
    "manual pages": r"usr/(?:local/)?share/man/.+",
    "documentation": r"usr/share/(?:doc|info|gtk-doc|licenses|lintian)/.+",
    "translations": r"usr/share/(?:locale|i18n)/.+|.+/LC_MESSAGES/.+",
    "fonts": r"usr/share/fonts/.+|.+\.(?:ttf|otf|pfb|pcf\.gz)",
    "libraries": r".+\.(?:so|a)(?:\.[\d.]+)?|.+\.so",
    "headers": r"usr/(?:local/)?include/.+",
    "code": r".+\.(?:py|pyc|pl|pm|rb|js|lua|tcl|el|elc|jar|php)",
    "settings": r"etc/.+",
    "state": r"var/.+",
}
"""The sorts of files; the first match counts, and the rest is data."""

SCRIPT_FOLDERS: Final = ("/etc/init.d", "/etc/rc.d/init.d")
MANUAL: Final = re.compile(r"/usr/(?:local/)?share/man/(?:[^/]+/)?man\w+/(.+?)\.(\w+?)(?:\.(?:gz|xz|bz2|zst))?")
WANTS: Final = re.compile(
    r"/etc/systemd/system/[^/]+\.(?:wants|requires)/([^/]+)|/etc/rc[2-5]\.d/S\d\d([^/]+)|/etc/runlevels/[^/]+/([^/]+)"
    r"|/(?:etc/runit/runsvdir/[^/]+|var/service)/([^/]+)"
)
"""Links that start a service at boot: of systemd, System V, OpenRC and runit."""
EARLY: Final = re.compile(r"/etc/rcS\.d/S\d\d([^/]+)")
"""System V's links of the way up to single user. systemd's generator takes scripts of rc2.d to rc5.d alone: of
rcS.d it makes units that nothing wants (seen with 252), and Debian's own mask several, as x11-common."""
UNITS: Final = re.compile(rf"/{UNIT_FOLDERS}/.+|/etc/systemd/user/.+|/etc/(?:rc\w\.d|init\.d|runlevels/[^/]+)/.+")
RECORDS: Final = re.compile(
    r"/var/lib/systemd/deb-systemd-\w+-helper-\w+(?:/.+)?|/var/lib/systemd/deb-systemd-helper-.+"
)
"""Debian's own record of the units that it enabled or masked (deb-systemd-helper(1p))."""


def _of_managers(kind: FindingKind) -> str:
    """Return the pattern of a kind of files for all managers, since a sandbox may have any of them."""
    found = (data_of(name).findings.get(kind, "") for name in NAMES)
    return "|".join(dict.fromkeys(filter(None, found)))


def is_keyring(path: str) -> bool:
    """Return whether a file is a key that is trusted once a package source names it."""
    return _first(_of_managers("keyrings")).fullmatch(path) is not None


@cache
def all_rules() -> tuple[PlaceRule, ...]:
    """Return the rows of the table, those of package managers first: of those that match a path the first counts."""
    managers = (replace(row, patterns=(_of_managers(kind),)) for kind, row in OF_MANAGERS.items())
    return (*managers, *RULES)


@cache
def _first(*patterns: str) -> re.Pattern[str]:
    """Return all patterns as one with a group each, since tens of thousands of paths are matched."""
    return re.compile("/(?:" + "|".join(f"({pattern})" for pattern in patterns) + ")", re.DOTALL)


@cache
def _table() -> re.Pattern[str]:
    return _first(*("|".join(rule.patterns) for rule in all_rules()))


def rule_of(path: str) -> PlaceRule | None:
    """Return what the table says of a file at this path, None for the many of which it says nothing."""
    if not path.startswith(TOPS) or DULL.match(path):
        return None
    found = _table().fullmatch(path)
    return all_rules()[found.lastindex - 1] if found and found.lastindex else None


def finding_kind(path: str) -> Kind | None:
    """Return the kind of finding for a path, or None, as for most."""
    rule = rule_of(path)
    return rule.kind if rule else None


def event_of(path: str) -> str:
    """Return the program that runs or reads a file of kind events."""
    rule = rule_of(path)
    return rule.event if rule else ""


def effect_of(path: str) -> str:
    """Return when a file at this path takes effect, as words; empty where the table says nothing of it."""
    rule = rule_of(path)
    if rule is None:
        return ""
    folder = path.rpartition("/")[0].rpartition("/")[2]
    return rule.effect.replace(FOLDER, folder.removesuffix(".d"))


def service_name(path: str) -> str:
    """Return the name of a file's service, timer or socket; runit has a folder of that name (runsv(8)).

    systemd takes the init script `console-setup.sh` for console-setup.service (systemd-sysv-generator(8)).
    """
    folder, _, name = path.rpartition("/")
    if folder.startswith("/etc/sv/"):
        return basename(folder)
    return name.removesuffix(".sh") if folder in SCRIPT_FOLDERS else name


def sort_of(path: str) -> str:
    """Return the sort of a file."""
    found = _first(*SORTS.values()).fullmatch(path)
    return tuple(SORTS)[found.lastindex - 1] if found and found.lastindex else "data"


def manual_of(path: str) -> str | None:
    """Return `htop(1)` for a manual page in any language, None for other paths."""
    found = MANUAL.fullmatch(path)
    return f"{found[1]}({found[2]})" if found else None


def early_by(path: str) -> str | None:
    """Return the init script that only System V's init starts by a link at this path, else None."""
    found = EARLY.fullmatch(path)
    return found[1].removesuffix(".sh") if found else None


def enabling_link(path: str) -> str | None:
    """Return the service that a link at this path starts at boot, else None."""
    found = WANTS.fullmatch(path)
    name = next(filter(None, found.groups()), None) if found else None
    return name.removesuffix(".sh") if name and path.startswith("/etc/rc") else name
