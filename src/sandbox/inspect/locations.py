"""What a path says of a file: which kind of finding it is, and of which sort. Pure tables.

What package managers run, fetch from and trust stands in their own data.

Sources: hier(7), file-hierarchy(7), and the manuals of who reads a folder: systemd.unit(5), cron(8), crontab(5),
pam.d(5), sudoers(5), modprobe.d(5), modules-load.d(5), udev(7), polkit(8), dbus-daemon(1), logrotate(8), sysctl.d(5),
update-alternatives(1).
"""

from __future__ import annotations

import re
from functools import cache
from posixpath import basename
from typing import TYPE_CHECKING, Final

from sandbox.managers.registry import NAMES, data_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.findings import Kind
    from sandbox.managers.data import FindingKind

UNIT_FOLDERS: Final = "(?:(?:usr/)?lib|etc)/systemd/system"

EVENTS: Final[Mapping[str, str]] = {
    "the kernel's installation": r"etc/kernel/[^/]+\.d/.+|usr/lib/kernel/install\.d/.+|etc/initramfs/post-update\.d/.+",
    "the initramfs": r"(?:etc|usr/share)/initramfs-tools/(?:hooks|conf-hooks\.d|scripts)/.+"
    r"|usr/lib/dracut/modules\.d/.+",
    "the network": r"etc/network/if-[^/]+\.d/.+|(?:etc|(?:usr/)?lib)/NetworkManager/dispatcher\.d/.+"
    r"|etc/ppp/ip(?:v6)?-[^/]+\.d/.+|etc/dhcp/dhclient-[^/]+-hooks\.d/.+|etc/resolvconf/[^/]+\.d/.+",
    "going to sleep": r"(?:etc|(?:usr/)?lib)/systemd/system-sleep/.+|etc/pm/sleep\.d/.+|usr/lib/pm-utils/sleep\.d/.+",
    "booting and ending": r"(?:etc|(?:usr/)?lib)/systemd/system-(?:generators|shutdown)/.+"
    r"|etc/rc\.local|etc/grub\.d/.+",
    "the message of logins": r"etc/update-motd\.d/.+",
    "the dynamic linker": r"etc/ld\.so\.(?:preload|conf|conf\.d/.+)",
}
"""What runs or reads these, mostly as root, whenever it has something to do, beside package managers:
kernel-install(8), initramfs-tools(7), interfaces(5), NetworkManager-dispatcher(8), pppd(8), dhclient-script(8),
systemd-sleep(8), systemd.generator(7), update-motd(5), ld.so(8)."""

FINDING_PATTERNS: Final[Mapping[Kind, str]] = {
    "services": rf"{UNIT_FOLDERS}/[^/]+\.service|etc/(?:rc\.d/)?init\.d/[^/]+|etc/sv/[^/]+/run|etc/xinetd\.d/[^/]+",
    "timers": rf"{UNIT_FOLDERS}/[^/]+\.timer",
    "sockets": rf"{UNIT_FOLDERS}/[^/]+\.socket",
    "cron": r"etc/cron\.(?:d|hourly|daily|weekly|monthly)/[^/.][^/]*|etc/(?:crontab|anacrontab)"
    r"|var/spool/cron/.+|etc/periodic/[^/]+/[^/]+",
    "pam": r"(?:etc|usr/lib)/pam\.d/.+|etc/pam\.conf|etc/security/.+|usr/share/pam-configs/.+",
    "sudoers": r"etc/sudoers(?:\.d/.+)?|etc/doas\.conf|etc/doas\.d/.+",
    "modules": r"(?:usr/)?lib/modules/.+\.ko(?:\.\w+)?|(?:etc|(?:usr/)?lib)/(?:modules-load|modprobe)\.d/.+"
    r"|etc/modules|usr/src/[^/]+/dkms\.conf",
    "udev": r"(?:etc|(?:usr/)?lib)/udev/(?:rules|hwdb)\.d/.+",
    "profile": r"etc/(?:profile|bash\.bashrc|bashrc|zsh/[^/]+|environment|csh\.[^/]+|zshenv|zshrc)"
    r"|etc/(?:profile\.d|bashrc\.d|environment\.d|X11/Xsession\.d|fish/conf\.d)/.+|etc/skel/.+"
    r"|usr/share/fish/vendor_conf\.d/.+|usr/lib/environment\.d/.+",
    "polkit": r"(?:etc|usr/share|var/lib)/polkit-1/(?:rules\.d|actions|localauthority)/.+",
    "dbus": r"(?:etc|usr/share)/dbus-1/(?:system\.d|system-services)/.+",
    "logrotate": r"(?:etc|usr)/logrotate\.d/.+",
    "autostart": r"etc/xdg/autostart/.+|(?:etc|(?:usr/)?lib)/systemd/user/[^/]+\.(?:wants|requires)/.+",
    "sysctl": r"(?:etc|(?:usr/)?lib)/sysctl\.d/[^/]+\.conf|etc/sysctl\.conf",
    "alternatives": r"etc/alternatives/.+",
}
"""Beside those that are told by `_all_patterns`, in whose order a path is looked for."""

TOPS: Final = (
    *("/etc/", "/usr/lib/", "/lib/", "/usr/share/", "/usr/src/", "/usr/logrotate"),
    *("/var/spool", "/var/lib/polkit-1/"),
)
"""The beginnings of all these: most paths have none of them."""

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
"""The sorts of files, the first that fits; what fits none is data."""

MANUAL: Final = re.compile(r"/usr/(?:local/)?share/man/(?:[^/]+/)?man\w+/(.+?)\.(\w+?)(?:\.(?:gz|xz|bz2|zst))?")
WANTS: Final = re.compile(
    r"/etc/systemd/system/[^/]+\.(?:wants|requires)/([^/]+)|/etc/rc[2-5]\.d/S\d\d([^/]+)|/etc/runlevels/[^/]+/([^/]+)"
    r"|/(?:etc/runit/runsvdir/[^/]+|var/service)/([^/]+)"
)
"""The links that say that a service is started at boot: systemd's, System V's, OpenRC's, runit's."""
EARLY: Final = re.compile(r"/etc/rcS\.d/S\d\d([^/]+)")
"""System V's links of the way up to single user. systemd's generator takes scripts of rc2.d to rc5.d alone: of
rcS.d it makes units that nothing wants (seen with 252), and Debian's own mask several, as x11-common."""
UNITS: Final = re.compile(rf"/{UNIT_FOLDERS}/.+|/etc/systemd/user/.+|/etc/(?:rc\w\.d|init\.d|runlevels/[^/]+)/.+")
RECORDS: Final = re.compile(
    r"/var/lib/systemd/deb-systemd-\w+-helper-\w+(?:/.+)?|/var/lib/systemd/deb-systemd-helper-.+"
)
"""Debian's own note of which units it has enabled or masked (deb-systemd-helper(1p))."""


def _of_managers(kind: FindingKind) -> str:
    """Return the pattern of all managers' files of a kind, as any of them may be in a sandbox."""
    found = (data_of(name).findings.get(kind, "") for name in NAMES)
    return "|".join(dict.fromkeys(filter(None, found)))


@cache
def _all_events() -> Mapping[str, str]:
    return {"the package manager": _of_managers("events"), **EVENTS}


@cache
def _all_patterns() -> Mapping[Kind, str]:
    return {
        **FINDING_PATTERNS,
        "events": "|".join(_all_events().values()),
        "repositories": _of_managers("repositories"),
        "keys": _of_managers("keys"),
    }


@cache
def _first(*patterns: str) -> re.Pattern[str]:
    """Return all patterns as one, with a group for each: tens of thousands of paths are asked for."""
    return re.compile("/(?:" + "|".join(f"({pattern})" for pattern in patterns) + ")", re.DOTALL)


def finding_kind(path: str) -> Kind | None:
    """Return which kind of finding a file at this path is, None for the many that are none."""
    if not path.startswith(TOPS):
        return None
    patterns = _all_patterns()
    found = _first(*patterns.values()).fullmatch(path)
    return tuple(patterns)[found.lastindex - 1] if found and found.lastindex else None


def event_of(path: str) -> str:
    """Return what runs or reads a file of the kind events."""
    events = _all_events()
    found = _first(*events.values()).fullmatch(path)
    return tuple(events)[found.lastindex - 1] if found and found.lastindex else ""


def service_name(path: str) -> str:
    """Return the name of the service, timer or socket that a file is of: runit has a folder of that name (runsv(8))."""
    folder, _, name = path.rpartition("/")
    return basename(folder) if folder.startswith("/etc/sv/") else name


def sort_of(path: str) -> str:
    """Return the sort of a file."""
    found = _first(*SORTS.values()).fullmatch(path)
    return tuple(SORTS)[found.lastindex - 1] if found and found.lastindex else "data"


def manual_of(path: str) -> str | None:
    """Return `htop(1)` for a manual page's path in any language, None for other paths."""
    found = MANUAL.fullmatch(path)
    return f"{found[1]}({found[2]})" if found else None


def early_by(path: str) -> str | None:
    """Return the name of the init script that System V's init alone starts by a link at this path, None for others."""
    found = EARLY.fullmatch(path)
    return found[1] if found else None


def enabling_link(path: str) -> str | None:
    """Return the name of the service that a link at this path has started at boot, None for other paths."""
    found = WANTS.fullmatch(path)
    return next(filter(None, found.groups()), None) if found else None
