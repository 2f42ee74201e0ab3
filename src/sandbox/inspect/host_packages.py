"""Packages that hosts have already, which came because a base is small; what they bring is told apart. Pure.

Sources: Debian Policy 2.5 (priorities: a system has all that is required and important), and which packages carry
systemd, D-Bus, udev and OpenRC on the distros that start by them.
"""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.snapshot import readable
from sandbox.core.human import count, names
from sandbox.inspect.facts import Account, Listening, Start
from sandbox.inspect.findings import Sentence
from sandbox.inspect.locations import service_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sandbox.inspect.findings import Finding, Footprint, Kind, LaterRun, ResidueItem
    from sandbox.inspect.measured import Measured
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Package

PRIORITIES: Final = ("required", "important")
NAMES: Final = frozenset(
    "systemd systemd-sysv systemd-libs systemd-udev systemd-pam systemd-timesyncd systemd-sysvcompat libpam-systemd"
    " libsystemd0 libudev1 libudev-zero udev eudev udev-init-scripts udev-init-scripts-openrc eudev-openrc"
    " dbus dbus-daemon dbus-broker dbus-common dbus-bin dbus-libs dbus-tools dbus-openrc dbus-1 dbus-1-daemon"
    " dbus-1-tools dbus-1-common dbus-session-bus-common dbus-system-bus-common libdbus-1-3"
    " openrc runit runit-void sysvinit sysvinit-core initscripts sysv-rc".split()
)
"""systemd, udev and D-Bus, or what starts a distro in their place, by the names of all families. What is not on every
host, as systemd-resolved, is none of them."""
HOST_FILES: Final = ("/etc/machine-id", "/var/lib/dbus/machine-id")
"""What the scripts of systemd and D-Bus make where it is not there yet, as on no host (machine-id(5))."""
PAM: Final = re.compile(r"/etc/pam\.d/common-[^/]+|/var/lib/pam/[^/]+")
"""What pam-auth-update writes from the profiles of packages (pam-auth-update(8))."""
PAM_PROFILES: Final = "/usr/share/pam-configs/"
NOUNS: Final[tuple[tuple[Kind, tuple[str, ...]], ...]] = (
    ("services", ("service",)),
    ("timers", ("timer",)),
    ("sockets", ("socket",)),
    ("setuid", ("program that runs with other rights", "programs that run with other rights")),
    ("users", ("user",)),
)


def host_packages(came: Iterable[Package], asked: Collection[str], facts: Iterable[Fact]) -> tuple[str, ...]:
    """Return the names of those that came along and that hosts have already; what was asked for is none of them."""
    priorities = {fact.name: fact.priority for fact in facts}
    rows = (row.name for row in came if row.full_name not in asked and not row.source)
    return tuple(name for name in rows if priorities.get(name) in PRIORITIES or name.rpartition("/")[2] in NAMES)


def mark_usual(found: Measured, rows: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, marked where they are of packages that hosts have already."""
    files = frozenset((*map(readable, found.usual_files), *HOST_FILES, *_pam_files(found)))
    units = frozenset(map(basename, files))
    for row in rows:
        is_usual = bool(found.usual) and _is_of(row, files, units, found.usual_scripts)
        yield replace(row, is_usual=True) if is_usual else row


def _pam_files(found: Measured) -> Iterator[str]:
    """Yield the common files of PAM, where only packages that hosts have already brought profiles for them."""
    came = [path for path in found.difference.added if path.startswith(PAM_PROFILES)]
    if came and found.usual_files.issuperset(came):
        yield from (path for path in found.difference.changed if PAM.fullmatch(path))


def _is_of(row: Finding, files: Collection[str], units: Collection[str], scripts: str) -> bool:
    match row.fact:
        case Listening(unit=unit, service=service):
            return unit in units or f"{service}.service" in units
        case Account(change=change):
            return change == "new" and _names(scripts, row.what)
        case Start(how="alias", name=name):
            return row.what in files or name in units
        case _:
            return row.what in files


def mark_usual_runs(found: Measured, rows: Iterable[LaterRun]) -> Iterator[LaterRun]:
    """Yield what will run later, marked likewise."""
    files = frozenset(map(readable, found.usual_files))
    units = frozenset(map(basename, files))
    for row in rows:
        known = {row.name, f"{row.service}.service", re.sub(r"@[^.]*", "@", row.name)}
        of_package = row.service.partition(":")[0] in found.usual if row.kind == "trigger" else bool(known & units)
        is_usual = bool(found.usual) and (row.name in files or (row.kind not in ("cron", "inetd") and of_package))
        yield replace(row, is_usual=True) if is_usual else row


def mark_usual_traces(found: Measured, rows: Iterable[ResidueItem]) -> Iterator[ResidueItem]:
    """Yield what a purge left, marked where it is a user or group that such packages make."""
    for row in rows:
        is_usual = bool(found.usual) and row.kind in ("user", "group") and _names(found.usual_scripts, row.what)
        yield replace(row, is_usual=True) if is_usual else row


def _names(scripts: str, name: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", scripts) is not None


def without_usual(found: Footprint) -> Footprint:
    """Return it without what packages bring that hosts have already; its packages and its files stay."""
    return replace(
        found,
        findings=tuple(row for row in found.findings if not row.is_usual),
        later=tuple(row for row in found.later if not row.is_usual),
        booted=None if found.booted is None else tuple(row for row in found.booted if not row.is_usual),
    )


def usual_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield what was not counted because hosts have it already, where that is something."""
    rows = [row for row in found.findings if row.is_usual and not _is_beside(row)]
    things_of = {kind: {_unit_name(row.what) for row in rows if row.kind == kind} for kind, _ in NOUNS}
    counts = {kind: len(rows_of) for kind, rows_of in things_of.items()}
    things = tuple(count(counts[kind], *words) for kind, words in NOUNS if counts[kind])
    packages = sorted((row.name for row in found.packages if row.is_usual), key=lambda name: name not in NAMES)
    if things and packages:
        was, them = ("was", "it") if len(packages) == 1 else ("were", "them")
        is_single = sum(counts.values()) == 1
        text = (
            f"{names(tuple(packages), 3)} {was} installed too; since most hosts have {them}, "
            f"{'this is' if is_single else 'these are'} not counted: {names(things, 9)}."
        )
        yield Sentence(text=text, evidence=("packages",))


def _unit_name(what: str) -> str:
    """Return the one name that a unit and an init script have; all else goes by its own."""
    return (
        service_name(what).removesuffix(".service")
        if what.startswith(("/etc/init.d/", "/etc/rc.d/")) or ("/systemd/" in what)
        else what
    )


def _is_beside(row: Finding) -> bool:
    """Return whether it is a unit that nothing starts."""
    return isinstance(row.fact, Start) and not (row.fact.is_at_boot or row.fact.is_with_another or row.fact.how == "by")
