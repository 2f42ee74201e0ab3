"""Inspections side by side, as the rows of a table. Pure."""

from __future__ import annotations

from time import gmtime, strftime
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.human import count, names, seconds, size
from sandbox.inspect.claims import CLEAN, IN_THE_BASE, NO_PROCESSES, NOTHING_TO_PURGE, absence, none_of
from sandbox.inspect.findings import Inspection  # noqa: TC001 - the JSON Schema is made from it
from sandbox.inspect.host_packages import without_usual
from sandbox.inspect.service_verdict import services_of
from sandbox.inspect.verdict import NOUNS, counts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.inspect.findings import InstalledPackage, Kind


class ComparedTarget(Struct, frozen=True, kw_only=True):
    """One column: its name, and the inspection or its error."""

    name: str
    inspection: Inspection | None = None
    failure: str = ""


class Comparison(Struct, frozen=True, kw_only=True):
    """The candidates in the order of the command line; `seconds` is the time for all."""

    candidates: tuple[ComparedTarget, ...]
    seconds: float


RISKS: Final[tuple[Kind, ...]] = (
    "sudoers",
    "pam",
    "modules",
    "udev",
    "cron",
    "timers",
    "profile",
    "autostart",
    "events",
    "repositories",
    "keys",
)
NO: Final = "no"


def table(found: Comparison) -> tuple[tuple[str, ...], ...]:
    """Return the header and the rows; a failed candidate says so in its first cell."""
    header = ("", *(candidate.name for candidate in found.candidates))
    rows = [(label, *(_cell(candidate, cell) for candidate in found.candidates)) for label, cell in ROWS]
    return header, *(row for row in rows if set(row[1:]) - {"-"})


def _cell(candidate: ComparedTarget, cell: Callable[[Inspection], str]) -> str:
    if candidate.inspection is None:
        return "failed" if cell is _version else "-"
    return cell(replace(candidate.inspection, footprint=without_usual(candidate.inspection.footprint)))


def _version(found: Inspection) -> str:
    if found.installer:
        return "" if found.installer.is_good else "failed"
    if not found.footprint.packages:
        return absence(IN_THE_BASE, found.unknown)
    return names(tuple(package.version for package in found.footprint.packages if package.asked), 2) or "?"


def _age(found: Inspection) -> str:
    return build_date([package for package in found.footprint.packages if package.asked])


def build_date(packages: Iterable[InstalledPackage]) -> str:
    """Return the day of a version, the latest of several packages; `?` if unknown."""
    built = [package.built for package in packages if package.built is not None]
    return strftime("%Y-%m-%d", gmtime(min(max(built), LATEST))) if built else "?"


LATEST: Final = 253_402_300_799
"""The last second of the year 9999: a package may claim any date."""


def _download(found: Inspection) -> str:
    return size(found.footprint.download or found.footprint.received)


def _commands(found: Inspection) -> str:
    return names(found.footprint.commands, 2) or "none"


def _runs(found: Inspection) -> str:
    services = services_of(found.footprint)
    enabled = sum(services.values())
    ports = tuple(dict.fromkeys(row.what for row in found.footprint.of("ports")))
    if not services:
        if found.footprint.of("processes"):
            return "leaves processes"
        return absence(NO_PROCESSES, found.unknown, NO)
    boot = ", at boot" if enabled == len(services) else f", {enabled} at boot" if enabled else ""
    return f"{count(len(services), 'service')}{boot}{f', {names(ports, 2)}' if ports else ''}"


def _in_a_boot(found: Inspection) -> str:
    rows = found.footprint.booted
    if rows is None:
        return "-"
    runs, fails = ([row.name for row in rows if row.state == state] for state in ("runs", "failed"))
    waits = sum(row.state == "waits" for row in rows)
    waiting, broken = f"{waits} waiting" if waits else "", f"{names(tuple(fails), 2)} failed" if fails else ""
    parts = (names(tuple(runs), 2), waiting, broken)
    return ", ".join(filter(None, parts)) or "nothing"


def _power(found: Inspection) -> str:
    rows = found.footprint.of("setuid", "capabilities")
    programs = names(tuple(row.what.rpartition("/")[2] for row in rows), 2)
    return programs or none_of(("setuid", "capabilities"), found.unknown, NO)


def _people(found: Inspection) -> str:
    return names(tuple(row.what for row in found.footprint.of("users")), 2) or none_of(("users",), found.unknown, NO)


def _touches(found: Inspection) -> str:
    return ", ".join(kind for kind in RISKS if found.footprint.of(kind)) or none_of(RISKS, found.unknown, "nothing")


def _paths_of_nobody(found: Inspection) -> str:
    return str(len(found.footprint.of("unowned")) or none_of(("unowned",), found.unknown, "-"))


def _damages(found: Inspection) -> str:
    broken = tuple(row.what for row in found.footprint.of("damage"))
    if not broken:
        return none_of(("damage",), found.unknown, "-")
    return f"{count(len(broken), 'file')}: {names(broken, 2)}"


def _unknown_text(found: Inspection) -> str:
    return names(found.unknown, 3) or "-"


def _contact_names(found: Inspection) -> str:
    if found.contacts is None:
        return "-"
    whom = dict.fromkeys(name for row in found.contacts for name in row.names or (row.address,))
    return names(tuple(whom), 3) or "nobody"


def _after(found: Inspection) -> str:
    if found.installer and not found.installer.undo:
        return "no --undo"
    if not (found.footprint.packages or found.installer):
        return absence(NOTHING_TO_PURGE, found.unknown)
    if found.residue.failure:
        return "undo failed" if found.installer else "not purged"
    counts = counts_of(found.residue)
    parts = [count(counts[kind], *nouns) for kind, nouns in NOUNS.items() if counts[kind]]
    return names(tuple(parts), len(parts)) or absence(CLEAN, found.unknown)


def _licence(found: Inspection) -> str:
    if found.installer:
        return "?"
    licences = [package.licence for package in found.footprint.packages if package.asked and package.licence]
    text = names(tuple(dict.fromkeys(licences)), 2) or "?"
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


WIDEST: Final = 24
"""Characters of a licence in a cell."""

ROWS: Final[tuple[tuple[str, Callable[[Inspection], str]], ...]] = (
    ("version", _version),
    ("damages", _damages),
    ("not seen", _unknown_text),
    ("made on", _age),
    ("packages", lambda found: str(len(found.footprint.packages))),
    ("to download", _download),
    ("on disk", lambda found: size(found.footprint.measured)),
    ("commands", _commands),
    ("runs something", _runs),
    ("in a boot", _in_a_boot),
    ("setuid", _power),
    ("users", _people),
    ("touches", _touches),
    ("talked to", _contact_names),
    ("no owner", _paths_of_nobody),
    ("after purge", _after),
    ("licence", _licence),
    ("install", lambda found: seconds(found.install_seconds)),
)
