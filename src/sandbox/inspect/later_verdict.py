"""The sentences on what a host does later: as whom services run there, and what programs do by themselves. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import names
from sandbox.inspect.findings import Sentence
from sandbox.inspect.inetd import program_of
from sandbox.inspect.triggers import is_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.inspect.findings import Footprint, HabitKind, LaterRun

MOST: Final = 3
HABITS: Final[Mapping[HabitKind, tuple[str, str]]] = {
    "upgrades": ("Upgrades this host's packages by itself", "does not upgrade the host by itself"),
    "packages": ("Reports which packages this host has", "reports nothing"),
    "crashes": ("Reports crashes of programs", "reports nothing"),
    "certificates": ("Renews certificates by itself", "renews nothing by itself"),
}
"""What a program does by itself where that is on, and what is to say of it where it is off."""


def later_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield which services run as root and how far systemd holds them, then the habits of programs."""
    yield from _root_sentences(found)
    yield from _inetd_sentences(found)
    yield from _trigger_sentences(found)
    for habit in found.habits:
        does, does_not = HABITS[habit.kind]
        text = (
            f"{does}: {habit.name}, by {habit.by}."
            if habit.is_on
            else f"{habit.name} {does_not}, because that is switched off."
        )
        yield Sentence(text=text, evidence=("habits",))


def root_services(found: Footprint) -> dict[str, LaterRun]:
    """Return what begins as root and was not seen to go on as another, by its name.

    What an init script starts may go on as another, so that it counts only where it was seen.
    """
    seen = {row.name: "root" in row.users for row in found.started if row.users}
    rows = (row for row in found.later if row.kind not in ("cron", "inetd", "trigger") and row.user in ("root", "0"))
    return {row.service: row for row in rows if seen.get(row.service, row.protections is not None)}


def _inetd_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield what an inetd starts and as whom, for up to MOST entries; then how many more."""
    rows = [row for row in found.later if row.kind == "inetd" and row.runs]
    for row in rows[:MOST]:
        text = f"{row.service or 'An inetd'} starts {program_of(row.runs)} as {row.user} {row.when}."
        yield Sentence(text=text, evidence=("later",))
    if len(rows) > MOST:
        yield Sentence(text=f"The lists for inetd have {len(rows) - MOST} more.", evidence=("later",))


def _trigger_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield which packages run a script of theirs when others come, but for those that renew an index."""
    rows = {row.service.partition(":")[0]: row for row in found.later if row.kind == "trigger" and not is_index(row)}
    if len(rows) == 1:
        package, row = next(iter(rows.items()))
        yield Sentence(text=f"{package} runs a script of its own as root {row.when}.", evidence=("later",))
    elif rows:
        text = f"{names(tuple(rows), MOST)} run scripts of their own as root when other packages bring certain files."
        yield Sentence(text=text, evidence=("later",))


def _root_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield which were seen to run as root, then which a unit of theirs starts so."""
    rows = root_services(found)
    seen = {row.name for row in found.started if "root" in row.users}
    for verbs, part in (
        (("runs", "run"), {name: row for name, row in rows.items() if name in seen}),
        (("is started", "are started"), {name: row for name, row in rows.items() if name not in seen}),
    ):
        plain = tuple(name for name, row in part.items() if row.protections is None)
        bare = tuple(name for name, row in part.items() if row.protections == ())
        some = {name: row.protections for name, row in part.items() if row.protections}
        held = names(next(iter(some.values())), MOST) if len(some) == 1 else ""
        for services, how in (
            (plain, "as root"),
            (bare, "as root, without any of systemd's protections"),
            (
                tuple(some),
                f"as root, protected by systemd's {held}" if held else "as root, with some of systemd's protections",
            ),
        ):
            if services:
                text = f"{names(services, MOST)} {verbs[len(services) > 1]} {how}."
                yield Sentence(text=text, evidence=("later",))
