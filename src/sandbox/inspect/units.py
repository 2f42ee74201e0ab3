"""Findings by path: which new or changed files are units, hooks or cron jobs, and which start at boot. Pure."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.inspect.boot import FOLDERS, boot_starts
from sandbox.inspect.desktop import default_types, launch_of
from sandbox.inspect.facts import Link, Listening, Openers, Place, Start
from sandbox.inspect.findings import Finding
from sandbox.inspect.locations import effect_of, event_of, finding_kind, is_keyring, rule_of, service_name
from sandbox.inspect.own_settings import is_own
from sandbox.inspect.place_rule import PHRASES
from sandbox.inspect.place_rules import ROTATION, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.container.snapshot import FileEntry, Snapshot
    from sandbox.inspect.facts import Fact
    from sandbox.inspect.file_changes import FileDiff
    from sandbox.inspect.findings import Kind


def file_findings(
    difference: FileDiff, before: Snapshot, after: Snapshot, own: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """Yield what a file's place says of it; a service with whether a boot starts it.

    `own` are the names of what came: what an interpreter brings for itself is no hook into it.
    """
    added = set(difference.added)
    known = boot_starts(difference, after)
    for path in (*difference.added, *difference.changed):
        entry, kind = after.entries[path], _kind(path, after)
        if kind is None and MASKABLE.fullmatch(path) and entry.link == "/dev/null":
            yield Finding(kind="systemd", what=readable(path), fact=Start(how="masks"))
        if kind is None or entry.kind == "d" or (kind == "interpreters" and _is_interpreters(path, own)):
            continue
        if LOCAL_RULES.fullmatch(path) and not RULE.search(after.contents.get(path, b"")):
            continue
        fact = _fact(path, kind, before, after, known, is_changed=path not in added)
        yield Finding(kind=kind, what=readable(path), fact=fact)
        if kind == "logrotate" and ROTATES.search(after.contents.get(path, b"")):
            script = Place(is_changed=path not in added, event=ROTATION.event, effect=ROTATION.effect)
            yield Finding(kind="events", what=readable(path), fact=script)
        if kind == "sockets" and isinstance(fact, Start) and fact.is_at_boot:
            yield from _listening_findings(path, after.contents.get(path, b""))


def _is_interpreters(path: str, own: frozenset[str]) -> bool:
    """Return whether an interpreter that came has brought a file for itself: /usr/lib/python3.11/sitecustomize.py."""
    return is_own(path, own) or is_own(f"/etc/{basename(dirname(path))}", own)


def _kind(path: str, after: Snapshot) -> Kind | None:
    """Return which kind of finding a file is; a key ring is one once a package source names it."""
    kind = finding_kind(_place(path, after))
    if kind is None and is_keyring(path):
        return "keys" if path in _source_texts(after) else None
    return kind


def _source_texts(after: Snapshot) -> str:
    """Return what all files say that name package sources (sources.list(5), Signed-By; dnf.conf(5), gpgkey)."""
    rows = (text for path, text in after.contents.items() if finding_kind(path) == "repositories")
    return "\n".join(text.decode(errors="replace") for text in rows)


def _place(path: str, after: Snapshot) -> str:
    """Return the path to look for in the table: run-parts(8) runs a README, too, where it is a program."""
    is_run = rule_of(path) is TEXT and after.entries[path].is_program
    return f"{dirname(path)}/program" if is_run else path


def _fact(
    path: str, kind: Kind, before: Snapshot, after: Snapshot, known: Mapping[str, Start], *, is_changed: bool
) -> Fact:
    entry, old = after.entries[path], before.entries.get(path)
    if kind in ("services", "timers", "sockets", "paths") or (kind == "mounts" and "/systemd/system/" in path):
        start = _start(path, entry, known)
        if start.how == "masked" and _is_of_others(path, before, after):
            return Start(how="masks")
        return start if start.how or not is_changed else Start(how="changed")
    if kind == "alternatives":
        was = old.link if old and old.link != entry.link else ""
        return Link(to=readable(entry.link), was=readable(was))
    if kind == "launchers":
        return launch_of(path, after)
    if kind == "filetypes":
        types = default_types(path, after)
        return Openers(is_changed=is_changed, effect=effect_of(path), types=types)
    place = _place(path, after)
    effect = PHRASES["boot"] if kind == "cron" and _is_at_boot(after.contents.get(path, b"")) else effect_of(place)
    return Place(is_changed=is_changed, event=event_of(place), effect=effect)


def _is_at_boot(table: bytes) -> bool:
    """Return whether all jobs of a table of cron run when cron itself starts: `@reboot` (crontab(5))."""
    lines = (line.strip() for line in table.splitlines())
    jobs = [line for line in lines if line and not line.startswith(b"#") and not SETS.match(line)]
    return bool(jobs) and all(line.startswith(b"@reboot") for line in jobs)


LOCAL_RULES: Final = re.compile(r"/etc/apparmor\.d/local/.+")
"""Files for rules of this machine that profiles include, which packages make empty (dh_apparmor(1))."""
RULE: Final = re.compile(rb"^[ \t]*(?:[^#\s]|#include)", re.MULTILINE)
"""A line of a profile that is no comment (apparmor.d(5))."""
JOB: Final = re.compile(r"/etc/cron\.[a-z]+/[^/]+")
MASKABLE: Final = re.compile(r"/etc/systemd/system/[^/]+\.(?:target|slice|scope|device)")
"""Units that bring nothing by themselves, but keep others from starting where they are masked: sleep.target."""
ROTATES: Final = re.compile(rb"^[ \t]*(?:(?:pre|post)rotate|(?:first|last)action|preremove)\b", re.MULTILINE)
"""What begins a script in a rule for rotating logs (logrotate(8))."""
SETS: Final = re.compile(rb"[A-Za-z_]\w*[ \t]*=")
"""A line of a table of cron that sets a variable."""
LISTENS: Final = re.compile(r"^[ \t]*Listen(Stream|Datagram)[ \t]*=[ \t]*(?:(\S+):)?(\d{1,5})[ \t]*$", re.MULTILINE)
"""A port of systemd.socket(5): a number alone means every address; other values are paths and names."""
EVERY: Final = frozenset(("", "0.0.0.0", "[::]"))  # noqa: S104 - it is only compared


def _listening_findings(path: str, unit: bytes) -> Iterator[Finding]:
    """Yield the ports of a socket unit; from its text only, since systemd does not run."""
    places: dict[str, dict[str, None]] = {}
    for kind, address, port in LISTENS.findall(unit.decode(errors="replace")):
        where = "*" if address in EVERY else address.strip("[]")
        places.setdefault(f"{port}/{'tcp' if kind == 'Stream' else 'udp'}", {})[readable(where)] = None
    for port, where in places.items():
        yield Finding(kind="ports", what=port, fact=Listening(addresses=tuple(where), unit=readable(basename(path))))


def _is_of_others(path: str, before: Snapshot, after: Snapshot) -> bool:
    """Return whether a masked unit is not one that came: dh_installsystemd's masks hide init scripts of their own.

    A masked timer of a cron job's name keeps systemd-cron from running the job, too: ntpsec has a timer for it.
    """
    name = basename(path)
    stem, _, kind = name.rpartition(".")
    own = {folder + name for folder in FOLDERS} | {f"/etc/init.d/{stem}", f"/etc/init.d/{stem}.sh"}
    if kind == "timer":
        own |= {place for place in after.entries if JOB.fullmatch(place) and basename(place) == stem}
    return not any(place != path and place in after.entries and place not in before.entries for place in own)


def _start(path: str, entry: FileEntry, known: Mapping[str, Start]) -> Start:
    """Return the facts on a unit or init script, the most important about its start first."""
    if entry.kind == "l":
        is_masked = entry.link == "/dev/null"
        return Start(how="masked") if is_masked else Start(how="alias", name=readable(basename(entry.link)))
    name = service_name(path)
    if "@." in name:
        head, tail = name.split("@.", 1)
        used = [start for unit, start in known.items() if unit.startswith(f"{head}@") and unit.endswith(f".{tail}")]
        if any(start.is_at_boot for start in used):
            return Start(how="template", is_used=True)
        return next(
            (start for start in used if start.is_with_another or start.how in ("by", "as")), Start(how="template")
        )
    return known.get(name, Start(how=""))
